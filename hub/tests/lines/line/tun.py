"""Opens a tun interface, for a test in Rust, where the ioctl would be unsafe code: tun.py NAME

Prints its process id and the file's number, by which the test takes a copy of it, and keeps the interface and the
network it is in until its standard input ends."""

import fcntl
import os
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000

file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(), IFF_TUN | IFF_NO_PI))
print(os.getpid(), file, flush=True)
sys.stdin.read()
