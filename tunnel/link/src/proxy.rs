//! The way through a proxy: HTTP CONNECT (RFC 9110, section 9.3.6) or SOCKS 5 (RFC 1928, 1929).
//!
//! The proxy gets the hub's name, not its address: in a plant often the proxy alone can resolve it. TLS goes through
//! it from end to end. The client side of both protocols is hyper-util's.

use std::time::Duration;

use data_encoding::BASE64;
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::{Service, service_fn};
use zeroize::Zeroizing;

/// The proxy itself must answer this soon.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A proxy between the satellite and its hub.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    login: Option<(String, Zeroizing<String>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    HttpConnect,
    Socks5,
}

/// Why a text names no proxy.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a proxy is written http://[user:password@]host:port or socks5://[user:password@]host:port")]
pub struct NoProxy;

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_string())
    }
}

/// Without the password.
impl std::fmt::Display for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = match self.kind {
            Kind::HttpConnect => "http",
            Kind::Socks5 => "socks5",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl std::str::FromStr for Proxy {
    type Err = NoProxy;

    fn from_str(text: &str) -> Result<Self, NoProxy> {
        let (scheme, rest) = text.trim().trim_end_matches('/').split_once("://").ok_or(NoProxy)?;
        let kind = match scheme {
            "http" => Kind::HttpConnect,
            "socks5" | "socks5h" => Kind::Socks5,
            _ => return Err(NoProxy),
        };
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => {
                let (user, password) = login.split_once(':').ok_or(NoProxy)?;
                (Some((user.to_owned(), Zeroizing::new(password.to_owned()))), place)
            }
            None => (None, rest),
        };
        let (host, port) = place.rsplit_once(':').ok_or(NoProxy)?;
        let port = port.parse().map_err(|_| NoProxy)?;
        if host.is_empty() || format!("{scheme}://{place}").parse::<Uri>().is_err() {
            return Err(NoProxy);
        }
        Ok(Self { kind, host: host.to_owned(), port, login })
    }
}

impl Proxy {
    /// A connection through the proxy to `address` (`host:port`); what is wrong, for people.
    pub(crate) async fn connect(&self, address: &str) -> Result<TcpStream, String> {
        let target: Uri =
            format!("tcp://{address}").parse().map_err(|_| format!("{address} is no host and port"))?;
        let place: Uri =
            format!("http://{}:{}", self.host, self.port).parse().map_err(|_| NoProxy.to_string())?;
        let direct = service_fn(|proxy: Uri| async move {
            let place = (proxy.host().unwrap_or_default().to_owned(), proxy.port_u16().unwrap_or_default());
            let socket = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(place))
                .await
                .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
            Ok::<_, std::io::Error>(TokioIo::new(socket))
        });
        let connected = match self.kind {
            Kind::HttpConnect => {
                let mut tunnel = Tunnel::new(place, direct);
                if let Some(login) = self.basic() {
                    tunnel = tunnel.with_auth(login);
                }
                tunnel.call(target).await.map_err(|error| self.words(&error))
            }
            Kind::Socks5 => {
                let mut socks = SocksV5::new(place, direct).local_dns(false);
                if let Some((user, password)) = &self.login {
                    socks = socks.with_auth(user.clone(), password.to_string());
                }
                socks.call(target).await.map_err(|error| self.words(&error))
            }
        };
        connected.map(TokioIo::into_inner)
    }

    fn basic(&self) -> Option<HeaderValue> {
        let (user, password) = self.login.as_ref()?;
        let login = Zeroizing::new(format!("{user}:{}", password.as_str()));
        HeaderValue::from_str(&format!("Basic {}", BASE64.encode(login.as_bytes()))).ok()
    }

    fn words(&self, error: &dyn std::error::Error) -> String {
        let mut text = format!("proxy {self}: {error}");
        let mut source = error.source();
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_read_and_its_password_never_shown() {
        let proxy: Proxy = "http://ann:hunter2@proxy.plant.example:3128".parse().expect("a proxy");
        assert_eq!(proxy.to_string(), "http://proxy.plant.example:3128");
        assert!(!format!("{proxy:?}").contains("hunter2"));
        assert_eq!(proxy.basic().expect("a login"), "Basic YW5uOmh1bnRlcjI=");
        assert_eq!(
            "socks5://[fd00::1]:1080".parse::<Proxy>().expect("a proxy").to_string(),
            "socks5://[fd00::1]:1080"
        );
    }

    #[test]
    fn anything_else_is_refused_with_the_form() {
        for text in ["", "proxy:3128", "https://proxy:3128", "http://proxy", "http://:3128", "http://a b:1"] {
            assert_eq!(text.parse::<Proxy>(), Err(NoProxy), "{text}");
        }
    }
}
