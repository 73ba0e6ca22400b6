//! What both programs do before anything else: a log, one crypto provider, no core dumps, few threads.

use std::io::IsTerminal;

use rustix::process::{Resource, Rlimit, setrlimit};
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::prelude::*;

use crate::kept_log::KeptLog;
use crate::traces;

/// What of the log is wanted, such as `info,openpam_link=debug`.
const LOG_VARIABLE: &str = "OPENPAM_LOG";
/// How its lines look: `text`, or `json`, an object each.
const FORMAT_VARIABLE: &str = "OPENPAM_LOG_FORMAT";

/// Begins the log on standard error, as `OPENPAM_LOG` wants it or else as `default` says, in the form of
/// `OPENPAM_LOG_FORMAT`.
///
/// Where a collector is named, traces begin, too; `service` is what it calls the program. With `keep`, the newest lines are
/// kept in memory as well ([`crate::kept_log`]).
pub fn start_log(service: &'static str, default: &'static str, keep: bool) {
    let wanted = std::env::var(LOG_VARIABLE).unwrap_or_default();
    let (filter, wrong) = log_filter(&wanted, default);
    let format = std::env::var(FORMAT_VARIABLE).unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let (traces, untold) = match traces::layer(service) {
        Ok(layer) => (layer, None),
        Err(error) => (None, Some(error)),
    };
    let kept = keep.then(|| {
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(KeptLog::default);
        lines.with_filter(filter.clone())
    });
    let log = tracing_subscriber::registry().with(traces).with(kept);
    // A second start in one process (tests) keeps the first log.
    let _ = match format.as_str() {
        // Requests and sessions that a line belongs to stand in `spans`, from the outermost on.
        "json" => {
            log.with(lines.json().flatten_event(true).with_current_span(false).with_filter(filter)).try_init()
        }
        _ => log.with(lines.with_filter(filter)).try_init(),
    };
    if !["", "text", "json"].contains(&format.as_str()) {
        tracing::warn!("{FORMAT_VARIABLE} is {format:?}, neither text nor json; text is used");
    }
    if let Some(error) = untold {
        tracing::warn!(%error, "no traces are told to the collector");
    }
    if let Some(error) = wrong {
        tracing::warn!(%error, "{LOG_VARIABLE} is {wanted:?}, which is no log filter such as info,openpam_link=debug; {default} is used");
    }
}

fn log_filter(wanted: &str, default: &str) -> (Targets, Option<ParseError>) {
    let by_default = || default.parse().unwrap_or_default();
    match wanted.parse::<Targets>() {
        Ok(_) if wanted.trim().is_empty() => (by_default(), None),
        Ok(filter) => (filter, None),
        Err(error) => (by_default(), Some(error)),
    }
}

/// Tells the collector of traces what it does not know yet; the last thing that a program does.
pub fn end_log() {
    traces::flush();
}

/// Prepares the process. A core dump would hold keys and what people type: there is none.
pub fn prepare() {
    // Fails only if somebody installed one before; then that one serves.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    // Fails only where the system has no such limit.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// The runtime: half of the machine's cores. A key passes many tasks on its way; on few threads most of them follow
/// each other without waking another core, and the machine has other work too.
///
/// # Errors
/// If the system gives no threads.
pub fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let threads = std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1));
    tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_log_filter_that_cannot_be_read_is_said_and_the_default_used() {
        let shows = |wanted: &str| {
            let (filter, wrong) = log_filter(wanted, "info,sqlx=warn");
            let of = |level| filter.would_enable("openpam_link::dial", &level);
            (of(Level::INFO), of(Level::DEBUG), filter.would_enable("sqlx", &Level::INFO), wrong.is_some())
        };
        assert_eq!(shows(""), (true, false, false, false));
        assert_eq!(shows("warn,openpam_link=debug"), (true, true, false, false));
        assert_eq!(shows("openpam_link=loud"), (true, false, false, true));
    }
}
