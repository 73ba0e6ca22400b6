//! How large the programs are that one installs: as the build profile leaves them, stripped for those who install them.

use std::fs;

use crate::system::program;

/// In bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) satellite: u64,
    pub(crate) hub: u64,
}

impl Sizes {
    pub(crate) fn look() -> anyhow::Result<Self> {
        let size = |name| anyhow::Ok(fs::metadata(program(name))?.len());
        Ok(Self { satellite: size("openpam-satellite")?, hub: size("openpam-hub")? })
    }
}
