//! What both programs do before anything else: one crypto provider, no core dumps, few threads.

use rustix::process::{Resource, Rlimit, setrlimit};

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
