#!/usr/bin/env python3
"""Records the corpus of the screen test: programs on a terminal of 80x24, their output byte for byte.

    satellite/tests/screen/record.py [bash vim less top htop tmux]
    satellite/tests/screen/record.py --typing [bash nano ...]

The second records what `typing_ahead.py` lists, key by key with what each one brought, for the pages' test of typing ahead.
Needs these programs, `unshare` (util-linux) and a kernel with user namespaces. Each program runs in namespaces of
its own (host name, processes, user), with a home made for it and the locale C.UTF-8, so that nothing in a recording
says who made it or where; a recording that names this host or user is refused. Keys are typed when the program is
silent. Two recordings of a program differ in times and process numbers; each is a good corpus.
`features.out` is not recorded: `features.py` makes it.
"""

import fcntl
import getpass
import json
import os
import pty
import select
import shutil
import signal
import socket
import struct
import sys
import termios
import time
from base64 import b64encode
from pathlib import Path

from sessions import HOME, SESSIONS, prepare
from typing_ahead import SECRET, TYPING

CORPUS = Path(__file__).resolve().parent / "corpus"
TYPING_CORPUS = CORPUS.parents[3] / "web/lib/prediction/corpus"
COLS, ROWS = 80, 24
# A program is silent after this long without output; it gets this long to fall silent.
SILENCE_S, PATIENCE_S = 0.2, 3.0

ISOLATED = [
    *("unshare", "--user", "--map-root-user", "--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"),
    *("sh", "-c", 'hostname plant && cd "$HOME" && exec "$@"', "sh"),
]
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": str(HOME),
    "TERM": "xterm-256color",
    "LANG": "C.UTF-8",
    "SHELL": "/bin/bash",
    "TZ": "UTC",
    "TMUX_TMPDIR": str(HOME),
    "HISTFILE": str(HOME / "history"),
    "INPUTRC": "/dev/null",
}


def read_until_silent(terminal: int) -> bytes:
    """What the program prints until it is silent, or ends."""
    output = b""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and select.select([terminal], [], [], SILENCE_S)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
    return output


def record(command: list[str], keys: list[str | float]) -> list[tuple[str, bytes]]:
    """Runs a command, types keys (a number is a pause in seconds), returns each with the output that it brought."""
    child, terminal = pty.fork()
    if child == 0:
        # The size is set before the program may look at it.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLS, 0, 0))
        os.execvpe(ISOLATED[0], ISOLATED + command, ENVIRONMENT)
    steps = [("", read_until_silent(terminal))]
    for key in keys:
        if isinstance(key, float):
            time.sleep(key)
            steps.append(("", read_until_silent(terminal)))
            continue
        try:
            os.write(terminal, key.removeprefix(SECRET).encode())
        except OSError:
            break
        steps.append((key, read_until_silent(terminal)))
    os.kill(child, signal.SIGHUP)
    os.waitpid(child, 0)
    os.close(terminal)
    return steps


def gives_away(output: bytes) -> str | None:
    """A name of this machine or user in a recording."""
    names = {socket.gethostname(), getpass.getuser(), str(CORPUS), str(Path.home())} - {"root", "/root", "/"}
    # A short name may be part of any word.
    return next((name for name in names if len(name) > 2 and name.encode() in output), None)


def write_steps(name: str, steps: list[tuple[str, bytes]]) -> None:
    """One line for each key: [key, whether it is a secret, output in Base64]."""
    lines = [
        json.dumps([key.removeprefix(SECRET), key.startswith(SECRET), b64encode(output).decode()])
        for key, output in steps
        if key or output
    ]
    (TYPING_CORPUS / f"{name}.jsonl").write_text("\n".join(lines) + "\n")


def main() -> None:
    typing = sys.argv[1:2] == ["--typing"]
    sessions = TYPING if typing else SESSIONS
    for name in sys.argv[2 if typing else 1 :] or sessions:
        command, keys = sessions[name]
        prepare()
        steps = record(command, keys)
        output = b"".join(piece for _, piece in steps)
        if name_found := gives_away(output):
            sys.exit(f"{name}: the recording contains {name_found!r}; nothing was written")
        if typing:
            write_steps(name, steps)
        else:
            (CORPUS / f"{name}.out").write_bytes(output)
        print(f"{name}: {len(output)} bytes")
    shutil.rmtree(HOME)


if __name__ == "__main__":
    main()
