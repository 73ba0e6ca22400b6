//! Machines with a desktop: xrdp with an account's own screen, an RDP server that wants the password first (NLA), and
//! a VNC server. Each has a screen, ports and a folder of its own, and all its processes end with it.

pub(crate) mod nla;
pub(crate) mod screen;
pub(crate) mod vnc;
pub(crate) mod xrdp;
