//! Configuration files of both programs, and the environment that wins over them.

use openpam_hub::config::{Config as HubConfig, Network};
use openpam_link::proxy::Proxy;
use openpam_satellite::config::Config as SatelliteConfig;
use openpam_satellite::reach;

/// `data` is a file; its lines are also values of the environment.
pub fn feed(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (none, empty) = (|_: &str| None, std::path::PathBuf::from("data"));
    if let Err(error) = HubConfig::from_parts(&text, &none, Some(empty.clone())) {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = SatelliteConfig::from_parts(&text, &none) {
        assert!(!error.to_string().is_empty());
    }
    for line in text.lines().take(4) {
        let environment = |name: &str| {
            let (key, value) = line.split_once('=')?;
            name.eq_ignore_ascii_case(&format!("OPENPAM_{}", key.trim())).then(|| value.trim().to_owned())
        };
        let _ = HubConfig::from_parts("", &environment, Some(empty.clone()));
        let _ = SatelliteConfig::from_parts("", &environment);
        value(line);
    }
}

fn value(text: &str) {
    if let Ok(proxy) = text.parse::<Proxy>() {
        // What is shown names the place and never the password.
        assert!(proxy.to_string().parse::<Proxy>().is_ok());
    }
    if let Some(ports) = reach::ports(text) {
        assert!(ports.start() <= ports.end());
    }
    if let Ok(network) = text.parse::<Network>() {
        let _ = network.contains(std::net::Ipv4Addr::LOCALHOST.into());
        let _ = network.contains(std::net::Ipv6Addr::LOCALHOST.into());
    }
}
