//! One connection: `omq-proto` speaks ZeroMQ's protocol (ZMTP 3.1, NULL and CURVE), and this file carries its bytes over TCP
//! and Unix sockets. It connects, and never listens; a message is one frame. What was put has left when the connection is
//! idle: that is why this is the protocol's crate and not a socket of `omq-tokio`, which tells nobody what its queues hold.

use crate::CurveKeys;
use bytes::{Bytes, BytesMut};
use omq_proto::proto::{Command, Connection, ConnectionConfig, Event, Role};
use omq_proto::{Message, Payload, SocketType};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

const PATIENCE: Duration = Duration::from_secs(5);
const GOODBYE: Duration = Duration::from_secs(1);
const GREETING_BYTES: u64 = 64;
const READ_BYTES: usize = 64 << 10;
const READ_LEAST: usize = 4 << 10; // below it a new buffer is taken
const SLICES_MOST: usize = 64;

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

impl From<omq_proto::Error> for Fault {
    fn from(error: omq_proto::Error) -> Self {
        use omq_proto::Error::{HandshakeFailed, HandshakeRefused};
        match error {
            HandshakeRefused(refusal) => Fault::TurnedAway(format!("by the broker: {}", refusal.reason)),
            HandshakeFailed(why) if why.starts_with("incompatible socket types") => {
                Fault::Protocol(format!("{why}: another port of the broker?"))
            }
            HandshakeFailed(why) => Fault::Denied(why),
            other => Fault::Protocol(other.to_string()),
        }
    }
}

/// Where and how to connect.
#[derive(Clone)]
pub(crate) struct Target {
    pub endpoint: String,
    pub socket_type: SocketType,
    pub max_bytes: usize,
    pub curve: Option<CurveKeys>,
}

impl Target {
    fn config(&self) -> ConnectionConfig {
        // its limit counts what it keeps of a message, too
        let most = self.max_bytes + size_of::<Payload>();
        let config = ConnectionConfig::new(Role::Client, self.socket_type).max_message_size(most);
        match &self.curve {
            Some(keys) => config.mechanism(keys.mechanism()),
            None => config,
        }
    }
}

/// What the peer says.
pub(crate) enum Said {
    Message(Bytes),
    /// it takes everything that is published, or nothing any longer
    Wants(bool),
}

/// What is said to the peer.
pub(crate) enum Word {
    Message(Vec<u8>),
    Subscribe(String),
}

pub(crate) struct Transport {
    codec: Connection,
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
    room: BytesMut,
    heard_bytes: u64,
}

type Halves = (Box<dyn AsyncRead + Send + Unpin>, Box<dyn AsyncWrite + Send + Unpin>);

async fn open(endpoint: &str) -> io::Result<Halves> {
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
pub(crate) async fn dial(target: &Target) -> Result<Transport, Fault> {
    let shaken = async {
        let (reader, writer) = open(&target.endpoint).await?;
        let codec = Connection::new(target.config());
        let mut transport = Transport { codec, reader, writer, room: BytesMut::new(), heard_bytes: 0 };
        while !transport.codec.is_ready() || !transport.is_idle() {
            let turned = transport.turn(!transport.codec.is_ready()).await;
            turned.map_err(|fault| transport.of_handshake(fault, target.curve.is_some()))?;
        }
        Ok(transport)
    };
    match tokio::time::timeout(PATIENCE, shaken).await {
        Ok(done) => done,
        Err(_) => Err(Fault::Io("no answer".to_string())),
    }
}

impl Transport {
    /// A server that does not like a key, or the mechanism, says nothing, and closes.
    fn of_handshake(&self, fault: Fault, is_curve: bool) -> Fault {
        let name = if is_curve { "CURVE" } else { "NULL" };
        let closed = "the broker closed the connection at";
        match fault {
            Fault::Io(why) if self.heard_bytes < GREETING_BYTES => {
                Fault::Io(format!("{closed} its greeting (does it ask for another mechanism than {name}?): {why}"))
            }
            Fault::Io(why) if is_curve => Fault::Denied(format!("{closed} the handshake ({why}): do the keys fit?")),
            other => other,
        }
    }

    /// What the peer has said, if anything of it is here.
    pub fn take(&mut self) -> Result<Option<Said>, Fault> {
        while let Some(event) = self.codec.poll_event() {
            match event {
                Event::Command(Command::Subscribe(topic)) if topic.is_empty() => return Ok(Some(Said::Wants(true))),
                Event::Command(Command::Cancel(topic)) if topic.is_empty() => return Ok(Some(Said::Wants(false))),
                _ => {}
            }
        }
        let Some(message) = self.codec.poll_message() else { return Ok(None) };
        if message.is_multipart() {
            return Err(Fault::Protocol("a message of several frames".to_string()));
        }
        Ok(Some(Said::Message(message.part_bytes(0).unwrap_or_default())))
    }

    pub fn put(&mut self, message: Bytes) -> Result<(), Fault> {
        Ok(self.codec.send_message(&Message::single(message))?)
    }

    pub fn say(&mut self, word: Word) -> Result<(), Fault> {
        match word {
            Word::Message(message) => self.put(message.into()),
            Word::Subscribe(prefix) => Ok(self.codec.send_command(&Command::Subscribe(prefix.into()))?),
        }
    }

    /// All that was put has been handed to the operating system.
    pub fn is_idle(&self) -> bool {
        !self.codec.has_pending_transmit()
    }

    /// Waits until something came or left. May be dropped while it waits: nothing is lost by that. Without `reads` nothing
    /// comes, and the peer has to wait. After an error the connection is over.
    pub async fn turn(&mut self, reads: bool) -> Result<(), Fault> {
        if self.room.capacity() < READ_LEAST {
            self.room.reserve(READ_BYTES);
        }
        let reads = reads && self.codec.accepts_input();
        let slices = self.codec.transmit_chunks_capped(SLICES_MOST);
        let (came, left) = tokio::select! {
            came = self.reader.read_buf(&mut self.room), if reads => (Some(came?), None),
            left = self.writer.write_vectored(&slices), if !slices.is_empty() => (None, Some(left?)),
            else => std::future::pending().await,
        };
        drop(slices);
        match (came, left) {
            (Some(0), _) => return Err(Fault::Io("closed by the broker".to_string())),
            (Some(count), _) => {
                self.heard_bytes += count as u64;
                self.codec.handle_input(self.room.split().freeze())?;
            }
            (_, Some(0)) => return Err(Fault::Io("nothing can be written".to_string())),
            (_, Some(count)) => {
                self.codec.advance_transmit(count);
                if self.codec.has_pending_input() {
                    self.codec.resume_input()?;
                }
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Waits until all has left, for a moment.
    pub async fn drain(&mut self) -> Result<(), Fault> {
        let leaving = async {
            while !self.is_idle() {
                self.turn(false).await?;
            }
            Ok(())
        };
        tokio::time::timeout(GOODBYE, leaving).await.unwrap_or(Ok(()))
    }

    /// Says that no more comes, once all has left. A connection that is closed with something unread is reset, and what is
    /// under way lost: the peer closes when it has read all.
    pub async fn close(mut self) {
        let closing = async {
            self.writer.shutdown().await?;
            let mut rest = [0; 1024];
            while self.reader.read(&mut rest).await? > 0 {}
            io::Result::Ok(())
        };
        let _ = tokio::time::timeout(GOODBYE, closing).await; // nothing is left to be done about it
    }
}

#[cfg(test)]
mod tests;
