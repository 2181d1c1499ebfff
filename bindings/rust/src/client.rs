use crate::judge::MAX_EVENT_BYTES;
use crate::transport::Target;
use crate::{CurveKeys, Error};
use omq_proto::SocketType;
use std::time::Duration;

/// Where the broker is and how to reach it.
#[derive(Clone, Debug)]
pub struct Client {
    server: String,
    ingest: Option<String>,
    append: Option<String>,
    live: Option<String>,
    stream: Option<String>,
    curve: Option<CurveKeys>,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_event_bytes: usize,
}

/// A broker on this machine.
impl Default for Client {
    fn default() -> Self {
        Client::new("127.0.0.1:5560")
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Door {
    Ingest,
    Append,
    Live,
    Stream,
}

impl Client {
    /// `server` is HOST[:BASEPORT]; the four endpoints follow each other from there on.
    pub fn new(server: &str) -> Self {
        Client {
            server: server.to_string(),
            ingest: None,
            append: None,
            live: None,
            stream: None,
            curve: None,
            connect_timeout: Duration::from_secs(5),
            max_event_bytes: MAX_EVENT_BYTES,
        }
    }

    /// Endpoints of their own, `ipc:///run/tocsin/live`; then the server does not count.
    pub fn ingest_endpoint(mut self, endpoint: &str) -> Self {
        self.ingest = Some(endpoint.to_string());
        self
    }

    pub fn append_endpoint(mut self, endpoint: &str) -> Self {
        self.append = Some(endpoint.to_string());
        self
    }

    pub fn live_endpoint(mut self, endpoint: &str) -> Self {
        self.live = Some(endpoint.to_string());
        self
    }

    pub fn stream_endpoint(mut self, endpoint: &str) -> Self {
        self.stream = Some(endpoint.to_string());
        self
    }

    /// Keys for a broker that encrypts. Unix sockets do not leave the machine, and are not encrypted.
    pub fn curve(mut self, keys: CurveKeys) -> Self {
        self.curve = Some(keys);
        self
    }

    /// How long opening waits for the broker; 5 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// As configured in the broker; 1 MiB.
    pub fn max_event_bytes(mut self, bytes: usize) -> Self {
        self.max_event_bytes = bytes;
        self
    }

    pub(crate) fn target(&self, door: Door, room: usize) -> Result<Target, Error> {
        let (own, socket_type) = match door {
            Door::Ingest => (&self.ingest, SocketType::Pub),
            Door::Append => (&self.append, SocketType::Dealer),
            Door::Live => (&self.live, SocketType::Sub),
            Door::Stream => (&self.stream, SocketType::Dealer),
        };
        let endpoint = match own {
            Some(endpoint) => endpoint.clone(),
            None => server_endpoint(&self.server, door as u16)?,
        };
        let is_tcp = endpoint.strip_prefix("tcp://").is_some_and(|rest| rest.contains(':'));
        if !is_tcp && endpoint.strip_prefix("ipc://").is_none_or(str::is_empty) {
            let allowed = "allowed are tcp://HOST:PORT and ipc://PATH";
            return Err(Error::Invalid(format!("{endpoint:?} is no endpoint: {allowed}")));
        }
        let curve = if is_tcp { self.curve.clone() } else { None };
        Ok(Target { endpoint, socket_type, max_bytes: self.max_event_bytes + room, curve })
    }
}

fn server_endpoint(server: &str, offset: u16) -> Result<String, Error> {
    let text = server.trim_start_matches("tcp://");
    let colon = text.rfind(':').filter(|at| !text[*at..].contains(']'));
    let (host, port) = match colon {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, "5560"),
    };
    let is_v6 = host.starts_with('[') && host.ends_with(']');
    let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c) || is_v6 && "[]:%".contains(c));
    match port.parse::<u16>() {
        Ok(base) if (1..=65532).contains(&base) && !host.is_empty() && is_host => {
            Ok(format!("tcp://{host}:{}", base + offset))
        }
        _ => {
            let allowed = "allowed is HOST or HOST:PORT, the port 65532 at most";
            Err(Error::Invalid(format!("{server:?} is no server: {allowed}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::server_endpoint;

    #[test]
    fn a_server_is_a_host_and_perhaps_a_port() {
        assert_eq!(server_endpoint("h", 2).unwrap(), "tcp://h:5562");
        assert_eq!(server_endpoint("tcp://1.2.3.4:7000", 3).unwrap(), "tcp://1.2.3.4:7003");
        assert_eq!(server_endpoint("[::1]:7000", 0).unwrap(), "tcp://[::1]:7000");
        assert_eq!(server_endpoint("[::1]", 0).unwrap(), "tcp://[::1]:5560");
        for bad in ["", "a b", "a:1:2", "h:65533", "h:x", ":1"] {
            assert!(server_endpoint(bad, 0).is_err(), "{bad}");
        }
    }
}
