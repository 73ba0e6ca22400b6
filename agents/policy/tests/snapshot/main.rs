//! A snapshot says at a site what the books say at the hub, holds nothing of other zones, and is taken only as it was signed.

mod alike;
mod refused;
mod world;
