//! A collector of traces: Rotel, which takes OTLP and prints each span.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::process::{self, Process};
use super::{eventually, free_port};

/// A span as the collector got it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Span {
    pub(crate) service: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty for the first one of a trace.
    pub(crate) parent: String,
    /// Nanoseconds since 1970.
    pub(crate) begun: u64,
    pub(crate) ended: u64,
    pub(crate) attributes: HashMap<String, String>,
}

impl Span {
    /// How long it took.
    pub(crate) fn took(&self) -> Duration {
        Duration::from_nanos(self.ended.checked_sub(self.begun).expect("ends after it begins"))
    }
}

/// The collector, running.
pub(crate) struct Collector {
    port: u16,
    log: PathBuf,
    process: Process,
}

/// `deploy/dev/setup test` puts it there.
fn program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/bin/rotel")
}

impl Collector {
    /// Starts it, with its files in `folder`.
    pub(crate) async fn start(folder: &Path) -> Self {
        let (port, log) = (free_port(), folder.join("collector.log"));
        let mut command = process::command(program());
        command
            .env_clear()
            .arg("start")
            .args(["--exporter", "blackhole", "--debug-log", "traces", "--debug-log-verbosity", "detailed"])
            .args(["--batch-timeout", "20ms", "--otlp-grpc-endpoint", "127.0.0.1:0"])
            .arg(format!("--otlp-http-endpoint=127.0.0.1:{port}"))
            .arg(format!("--pid-file={}", folder.join("collector.pid").display()));
        let process = Process::start("collector", command, &log);
        eventually("the collector listens", || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await;
        Self { port, log, process }
    }

    /// What hub and satellite are told of it.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("OTEL_BSP_SCHEDULE_DELAY", "50".to_owned()),
        ]
    }

    /// All that it printed.
    pub(crate) fn printed(&self) -> String {
        std::fs::read_to_string(&self.log).expect("a log")
    }

    /// The spans so far, oldest first.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let (mut service, mut of_span) = (String::new(), false);
        for line in self.printed().lines() {
            let line = line.trim();
            if line.starts_with("ResourceSpans #") || line.starts_with("Span #") {
                of_span = line.starts_with("Span #");
                if of_span {
                    spans.push(Span { service: service.clone(), ..Span::default() });
                }
                continue;
            }
            let attribute = line.strip_prefix("-> ").and_then(|pair| pair.split_once(": "));
            if let Some((name, value)) = attribute {
                let value = value.split_once('(').map_or(value, |(_, inner)| inner.trim_end_matches(')'));
                match spans.last_mut().filter(|_| of_span) {
                    Some(span) => {
                        span.attributes.insert(name.to_owned(), value.to_owned());
                    }
                    None if name == "service.name" => service = value.to_owned(),
                    None => {}
                }
                continue;
            }
            if let (Some(span), Some((name, value))) =
                (spans.last_mut().filter(|_| of_span), line.split_once(':'))
            {
                let value = value.trim().to_owned();
                match name.trim_end() {
                    "Trace ID" => span.trace = value,
                    "Parent ID" => span.parent = value,
                    "ID" => span.id = value,
                    "Name" => span.name = value,
                    "Kind" => span.kind = value,
                    "Start time" => span.begun = value.parse().expect("nanoseconds"),
                    "End time" => span.ended = value.parse().expect("nanoseconds"),
                    _ => {}
                }
            }
        }
        spans
    }

    /// Kills it at once.
    pub(crate) async fn kill(self) {
        self.process.kill().await;
    }
}
