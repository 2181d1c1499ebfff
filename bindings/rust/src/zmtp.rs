//! A client of ZeroMQ's protocol, ZMTP 3.0 over TCP and Unix sockets, with the NULL and CURVE mechanisms: as much of it as
//! a client of Tocsin needs. It connects, and never listens; a message is one frame.

use crate::curve::{Handshake, Opener, Sealer};
use crate::CurveKeys;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpStream, UnixStream};

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;
const COMMAND_MAX: u64 = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no connection, or no longer one.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// the peer said that it does not let us in
    TurnedAway(String),
    /// its mechanism or its keys do not fit ours
    Denied(String),
    Protocol(String),
    Io(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Io(error.to_string())
    }
}

pub(crate) fn protocol<T>(what: &str) -> Result<T, Fault> {
    Err(Fault::Protocol(what.to_string()))
}

/// Where and how to connect.
#[derive(Clone)]
pub(crate) struct Target {
    pub endpoint: String,
    pub socket_type: &'static str,
    pub max_bytes: u64,
    pub curve: Option<CurveKeys>,
}

pub(crate) struct Reader {
    inner: BufReader<Box<dyn AsyncRead + Send + Unpin>>,
    max_bytes: u64,
    opener: Option<Opener>,
}

pub(crate) struct Writer {
    inner: Box<dyn AsyncWrite + Send + Unpin>,
    sealer: Option<Sealer>,
}

type Halves = (Box<dyn AsyncRead + Send + Unpin>, Box<dyn AsyncWrite + Send + Unpin>);

async fn open(endpoint: &str) -> Result<Halves, Fault> {
    if let Some(path) = endpoint.strip_prefix("ipc://") {
        let (reader, writer) = UnixStream::connect(path).await?.into_split();
        return Ok((Box::new(reader), Box::new(writer)));
    }
    let stream = TcpStream::connect(endpoint.trim_start_matches("tcp://")).await?;
    stream.set_nodelay(true)?;
    let socket = socket2::SockRef::from(&stream);
    let keepalive =
        socket2::TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(5));
    socket.set_tcp_keepalive(&keepalive)?;
    // covers what was sent and is not acknowledged, which keepalive does not
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(Duration::from_secs(15)))?;
    let (reader, writer) = stream.into_split();
    Ok((Box::new(reader), Box::new(writer)))
}

/// Connects and shakes hands.
pub(crate) async fn dial(target: &Target) -> Result<(Reader, Writer), Fault> {
    let shaken = async {
        let (reader, writer) = open(&target.endpoint).await?;
        let reader = BufReader::with_capacity(64 << 10, reader);
        let mut reader = Reader { inner: reader, max_bytes: target.max_bytes, opener: None };
        let mut writer = Writer { inner: writer, sealer: None };
        greet(target, &mut reader, &mut writer).await?;
        Ok((reader, writer))
    };
    match tokio::time::timeout(PATIENCE, shaken).await {
        Ok(done) => done,
        Err(_) => Err(Fault::Io("no answer".to_string())),
    }
}

async fn greet(target: &Target, reader: &mut Reader, writer: &mut Writer) -> Result<(), Fault> {
    let name: &[u8] = if target.curve.is_some() { b"CURVE" } else { b"NULL" };
    let (mut ours, mut theirs) = ([0u8; 64], [0u8; 64]);
    (ours[0], ours[9], ours[10]) = (0xff, 0x7f, 3);
    ours[12..12 + name.len()].copy_from_slice(name);
    writer.inner.write_all(&ours).await?;
    if let Err(error) = reader.inner.read_exact(&mut theirs).await {
        let why = "the broker closed the connection at its greeting (does it ask for another mechanism";
        return Err(Fault::Io(format!("{why} than {}?): {error}", String::from_utf8_lossy(name))));
    }
    if theirs[0] != 0xff || theirs[9] != 0x7f || theirs[10] < 3 {
        return protocol("the peer does not speak ZMTP 3");
    }
    let asked = theirs[12..32].split(|byte| *byte == 0).next().unwrap_or(b"");
    if asked != name {
        let (asked, name) = (String::from_utf8_lossy(asked), String::from_utf8_lossy(name));
        return Err(Fault::Denied(format!("the broker asks for the mechanism {asked}, and this client uses {name}")));
    }
    let metadata = metadata(target.socket_type);
    let properties = match &target.curve {
        None => {
            writer.command(&[b"\x05READY", metadata.as_slice()].concat()).await?;
            reader.command("READY").await?
        }
        Some(keys) => {
            let mut handshake = Handshake::new(keys);
            writer.command(&handshake.hello()?).await?;
            let welcome = silent(reader.command("WELCOME").await)?;
            writer.command(&handshake.initiate(&welcome, &metadata)?).await?;
            let ready = silent(reader.command("READY").await)?;
            let (properties, opener, sealer) = handshake.ready(&ready)?;
            reader.opener = Some(opener);
            writer.sealer = Some(sealer);
            properties
        }
    };
    check_peer(&properties, target.socket_type)
}

/// A server that does not like a key says nothing, and closes.
fn silent<T>(answer: Result<T, Fault>) -> Result<T, Fault> {
    answer.map_err(|fault| match fault {
        Fault::Io(why) => {
            Fault::Denied(format!("the broker closed the connection at the handshake ({why}): do the keys fit?"))
        }
        other => other,
    })
}

fn metadata(socket_type: &str) -> Vec<u8> {
    let mut out = b"\x0bSocket-Type".to_vec();
    out.extend_from_slice(&(socket_type.len() as u32).to_be_bytes());
    out.extend_from_slice(socket_type.as_bytes());
    if socket_type == "DEALER" {
        out.extend_from_slice(b"\x08Identity\0\0\0\0");
    }
    out
}

/// The value of a property, and what is behind it.
fn property(properties: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, rest) = properties.split_first().and_then(|(size, rest)| rest.split_at_checked(*size as usize))?;
    let (size, rest) = rest.split_at_checked(4)?;
    let (value, rest) = rest.split_at_checked(u32::from_be_bytes(size.try_into().ok()?) as usize)?;
    Some((name, value, rest))
}

fn check_peer(mut properties: &[u8], socket_type: &str) -> Result<(), Fault> {
    let allowed: &[&[u8]] = match socket_type {
        "PUB" => &[b"SUB", b"XSUB"],
        "SUB" => &[b"PUB", b"XPUB"],
        _ => &[b"ROUTER", b"DEALER", b"REP"],
    };
    while let Some((name, value, rest)) = property(properties) {
        properties = rest;
        if !name.eq_ignore_ascii_case(b"Socket-Type") {
            continue;
        }
        return match allowed.contains(&value) {
            true => Ok(()),
            false => protocol(&format!(
                "the peer is a {} socket: another port of the broker?",
                String::from_utf8_lossy(value)
            )),
        };
    }
    protocol("the peer tells no socket type")
}

impl Reader {
    async fn frame(&mut self, max_bytes: u64) -> Result<(u8, Vec<u8>), Fault> {
        let flags = self.inner.read_u8().await?;
        if flags & !(MORE | LONG | COMMAND) != 0 {
            return protocol("frame flags");
        }
        let length = match flags & LONG {
            0 => u64::from(self.inner.read_u8().await?),
            _ => self.inner.read_u64().await?,
        };
        if length > max_bytes {
            return protocol(&format!("a frame of {length} bytes"));
        }
        let mut body = vec![0; length as usize];
        self.inner.read_exact(&mut body).await?;
        Ok((flags, body))
    }

    /// Reads a command of the handshake and returns what is behind its name.
    async fn command(&mut self, name: &str) -> Result<Vec<u8>, Fault> {
        let (_, body) = self.frame(COMMAND_MAX).await?;
        refused(&body)?;
        match body.split_first() {
            Some((size, rest)) if *size as usize == name.len() && rest.starts_with(name.as_bytes()) => {
                Ok(rest[name.len()..].to_vec())
            }
            _ => protocol(&format!("not {name}")),
        }
    }

    /// The next message.
    pub async fn read(&mut self) -> Result<Vec<u8>, Fault> {
        loop {
            let (mut flags, mut body) = self.frame(self.max_bytes).await?;
            if let Some(opener) = &mut self.opener {
                let (inner, payload) = opener.open(&body)?;
                (flags, body) = (flags & MORE | inner & MORE | (inner & 2) << 1, payload);
            }
            if flags & COMMAND != 0 {
                refused(&body)?;
                continue;
            }
            if flags & MORE != 0 {
                return protocol("a message of several frames");
            }
            return Ok(body);
        }
    }
}

/// An ERROR command: its reason stands behind a byte of length.
fn refused(body: &[u8]) -> Result<(), Fault> {
    match body.strip_prefix(b"\x05ERROR") {
        Some(reason) => Err(Fault::TurnedAway(format!(
            "by the broker: {}",
            String::from_utf8_lossy(reason.get(1..).unwrap_or(b""))
        ))),
        None => Ok(()),
    }
}

impl Writer {
    async fn frame(&mut self, flags: u8, body: &[u8]) -> io::Result<()> {
        let mut frame = Vec::with_capacity(9 + body.len());
        if let Ok(length) = u8::try_from(body.len()) {
            frame.extend_from_slice(&[flags, length]);
        } else {
            frame.push(flags | LONG);
            frame.extend_from_slice(&(body.len() as u64).to_be_bytes());
        }
        frame.extend_from_slice(body);
        self.inner.write_all(&frame).await
    }

    async fn command(&mut self, body: &[u8]) -> io::Result<()> {
        self.frame(COMMAND, body).await
    }

    /// Sends a message. After an error the peer has not got all of it, and never will.
    pub async fn write(&mut self, message: &[u8]) -> io::Result<()> {
        match &mut self.sealer {
            Some(sealer) => {
                let sealed = sealer.seal(message)?;
                self.frame(0, &sealed).await
            }
            None => self.frame(0, message).await,
        }
    }

    /// Says that no more comes; what was written is delivered.
    pub async fn shutdown(&mut self) -> io::Result<()> {
        self.inner.shutdown().await
    }
}
