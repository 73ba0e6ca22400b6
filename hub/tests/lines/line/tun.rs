//! A tun interface, opened by a small program in the network where it shall be, whose open file is then copied here.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use crate::system::process;

/// The opener, which needs an ioctl.
const OPENER: &str = include_str!("tun.py");

/// An interface; it is gone when this and every copy of its packets are dropped.
pub(crate) struct Tun {
    packets: File,
    pid: i32,
    /// Ends with its standard input, at the latest with this process.
    _opener: Child,
}

impl Tun {
    /// Opens the interface `name` in the network that the words `prefix` start a program in.
    pub(crate) async fn open(name: &str, prefix: &[String]) -> Self {
        assert!(name.len() <= 15, "{name}: the kernel takes names of up to 15 characters");
        assert!(
            Path::new("/dev/net/tun").exists(),
            "a line needs /dev/net/tun, the kernel's tun driver, and this machine has none"
        );
        let mut command = process::command_behind(prefix, "python3");
        command.args(["-c", OPENER, name]);
        // A group of its own: an interrupt at the terminal is for the program that laid the line.
        let mut opener = command
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("setpriv starts");
        let mut told = String::new();
        let mut stdout = BufReader::new(opener.stdout.take().expect("piped"));
        stdout.read_line(&mut told).await.expect("text");
        let numbers = told.split_whitespace().map_while(|word| word.parse::<i32>().ok()).collect::<Vec<_>>();
        let [pid, file] = numbers[..] else {
            let output = opener.wait_with_output().await.expect("ends");
            panic!("a line needs root and python3: {}", String::from_utf8_lossy(&output.stderr));
        };
        let opener_id = Pid::from_raw(pid).expect("a process id");
        let copy = pidfd_open(opener_id, PidfdFlags::empty())
            .and_then(|opener| pidfd_getfd(opener, file, PidfdGetfdFlags::empty()))
            .expect("root may copy another process's open file");
        Self { packets: File::from(copy), pid, _opener: opener }
    }

    /// The interface's packets: one per read, one per write, without waiting.
    pub(crate) fn packets(&self) -> File {
        self.packets.try_clone().expect("a handle")
    }

    /// A process in the interface's network.
    pub(crate) const fn pid(&self) -> i32 {
        self.pid
    }
}
