//! The hub's nats-server with an account for each of many zones.

use std::time::Instant;

use openpam_hub::bus::accounts::Accounts;
use openpam_hub::bus::authority::Authority;
use openpam_hub::bus::server::{Managed, Settings};
use openpam_ids::ZoneId;

use crate::footprint::Footprint;
use crate::processes::Processes;
use crate::system::folder;

pub(super) async fn measure(zones: usize) -> anyhow::Result<(f64, f64, f64)> {
    let folder = folder();
    let authority = Authority::new(&[7; 32])?;
    let settings = Settings { data_dir: folder.path().to_path_buf(), program: None, listen: None };
    let server = Managed::start(settings, &authority).await?;
    let measured = with(&server, &authority, zones).await;
    server.stop().await;
    measured
}

async fn with(server: &Managed, authority: &Authority, zones: usize) -> anyhow::Result<(f64, f64, f64)> {
    let accounts = Accounts::connect(authority, &server.addresses().clients).await?;
    let processes = Processes::of(&[server.pid()]);
    let before = Footprint::of(&processes)?.resident;
    let begun = Instant::now();
    for _ in 0..zones {
        accounts.give(authority, ZoneId::generate()).await?;
    }
    let took = begun.elapsed().as_secs_f64();
    Ok((before, Footprint::of(&processes)?.resident, took))
}
