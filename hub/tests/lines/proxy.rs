//! A proxy at the hub's end of a line, and the firewall that lets a site reach nothing else.

mod tests;

use std::path::PathBuf;

use crate::line::Line;
use crate::system::process::{self, Process};
use crate::system::{eventually, free_port};

pub(crate) struct Proxy {
    /// As the satellite's setting wants it.
    pub(crate) url: String,
    log: PathBuf,
    _process: Process,
    _folder: tempfile::TempDir,
}

impl Proxy {
    /// Starts an HTTP proxy that knows CONNECT (tinyproxy). From now on the line carries nothing else.
    pub(crate) async fn http(line: &mut Line) -> Self {
        let folder = crate::system::folder();
        let port = free_port();
        let file = folder.path().join("tinyproxy.conf");
        let config = format!(
            "Listen {}\nPort {port}\nTimeout 600\nLogLevel Connect\nDisableViaHeader Yes\n",
            line.hub_address
        );
        std::fs::write(&file, config).expect("a configuration");
        let mut command = process::command("tinyproxy");
        command.arg("-d").arg("-c").arg(&file);
        Self::start("http", port, command, folder, line).await
    }

    /// Starts a SOCKS5 proxy (microsocks). From now on the line carries nothing else.
    pub(crate) async fn socks5(line: &mut Line) -> Self {
        let port = free_port();
        let mut command = process::command("microsocks");
        command.args(["-i", &line.hub_address.to_string(), "-p", &port.to_string()]);
        Self::start("socks5", port, command, crate::system::folder(), line).await
    }

    async fn start(
        scheme: &'static str,
        port: u16,
        command: tokio::process::Command,
        folder: tempfile::TempDir,
        line: &mut Line,
    ) -> Self {
        let log = folder.path().join("proxy.log");
        let process = Process::start(scheme, command, &log);
        let address = (line.hub_address, port);
        eventually("the proxy listens (packages tinyproxy-bin and microsocks)", || async {
            tokio::net::TcpStream::connect(address).await.ok()
        })
        .await;
        line.set(|manners| manners.only_tcp_port = Some(port));
        Self {
            url: format!("{scheme}://{}:{port}", line.hub_address),
            log,
            _process: process,
            _folder: folder,
        }
    }

    /// What it logged, one line for each connection and more.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }
}
