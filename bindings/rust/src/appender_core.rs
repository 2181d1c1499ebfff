//! The protocol of append: what to say, and what an answer means. No sockets, and the time is told.

use crate::error::Code;
use crate::wire::{Reader, Write};
use crate::{Error, Receipt, Refusal};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

const PUT_BYTES: usize = 256 << 10;
const PUT_EVENTS: u64 = 1024;
const WELCOME: Duration = Duration::from_secs(3);
const ASK: Duration = Duration::from_secs(3); // of silence
const GONE: Duration = Duration::from_secs(8);

type Settle = oneshot::Sender<Result<Receipt, Error>>;

pub(crate) struct Core {
    producer: String,
    incarnation: u64,
    queue: VecDeque<(Vec<u8>, Settle)>, // from first_n on
    pub bytes: usize,
    pub first_n: u64,
    pub next_n: u64,
    pub is_welcome: bool, // since the start, once
    window: u64,
    sent_n: u64,
    heard: Instant,
    asked: Instant,
    pub failed: Option<Error>, // for good
    refused: HashMap<u64, Refusal>,
    pub receipt: Receipt,
    pub sessions: u64,
}

impl Core {
    pub fn new(producer: &str, incarnation: u64) -> Self {
        Core {
            producer: producer.to_string(),
            incarnation,
            queue: VecDeque::new(),
            bytes: 0,
            first_n: 1,
            next_n: 1,
            is_welcome: false,
            window: 0,
            sent_n: 0,
            heard: Instant::now(),
            asked: Instant::now(),
            failed: None,
            refused: HashMap::new(),
            receipt: Receipt::default(),
            sessions: 0,
        }
    }

    /// Begins a session.
    pub fn hello(&mut self, now: Instant) -> Vec<u8> {
        (self.window, self.heard, self.asked) = (0, now, now);
        let mut out = Vec::new();
        out.put_array(4);
        out.put_str("hello");
        out.put_uint(1);
        out.put_str(&self.producer);
        out.put_uint(self.incarnation);
        out
    }

    /// True when it was welcome.
    pub fn end_session(&mut self) -> bool {
        std::mem::take(&mut self.window) > 0
    }

    /// Takes an event; returns its number.
    pub fn add(&mut self, data: Vec<u8>, settle: Settle) -> u64 {
        self.bytes += data.len();
        self.queue.push_back((data, settle));
        self.next_n += 1;
        self.next_n - 1
    }

    /// The next message with events, as far as window and size allow.
    pub fn put(&mut self) -> Option<Vec<u8>> {
        let first = self.sent_n + 1;
        let (mut count, mut size) = (0, 0);
        while first + count < self.next_n && count < PUT_EVENTS && first + count - self.first_n < self.window {
            let length = self.queue[(first + count - self.first_n) as usize].0.len();
            if count > 0 && size + length > PUT_BYTES {
                break;
            }
            size += length;
            count += 1;
        }
        if count == 0 {
            return None;
        }
        let mut out = Vec::with_capacity(size + 32);
        out.put_array(3);
        out.put_str("put");
        out.put_uint(first);
        out.put_array(count as usize);
        let start = (first - self.first_n) as usize;
        for (data, _) in self.queue.range(start..start + count as usize) {
            out.extend_from_slice(data);
        }
        self.sent_n += count;
        Some(out)
    }

    /// Asks whether the broker is there. False: the session is over.
    pub fn tick(&mut self, now: Instant) -> (Option<Vec<u8>>, bool) {
        let silence = now - self.heard;
        if self.window == 0 {
            return (None, silence < WELCOME);
        }
        if silence < ASK || now - self.asked < ASK {
            return (None, silence < GONE);
        }
        self.asked = now;
        let mut ping = Vec::new();
        ping.put_array(1);
        ping.put_str("ping");
        (Some(ping), silence < GONE)
    }

    /// Takes a message of the broker. False: the session is over.
    pub fn receive(&mut self, message: &[u8], now: Instant) -> bool {
        self.heard = now;
        let mut reader = Reader::new(message);
        if reader.array().is_none() {
            return false;
        }
        match reader.str() {
            Some("ack") => self.on_ack(&mut reader).is_some(),
            Some("nack") => self.on_nack(&mut reader).is_some(),
            Some("welcome") => self.on_welcome(&mut reader).is_some(),
            Some("error") => {
                self.on_error(&mut reader);
                false
            }
            verb => matches!(verb, Some("ping" | "pong")),
        }
    }

    fn on_error(&mut self, reader: &mut Reader<'_>) {
        let code = reader.str().unwrap_or("");
        let text = reader.str().unwrap_or("").to_string();
        match code {
            "fenced" => self.failed = Some(Error::Fenced),
            "denied" => self.failed = Some(Error::Denied(text)),
            "version" => self.failed = Some(Error::Protocol(text)),
            _ => {}
        }
    }

    /// The broker's log may hold what we never saw acknowledged.
    fn on_welcome(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let version = reader.uint()?;
        reader.str()?;
        let (last, window) = (reader.uint()?, reader.uint()?);
        if version != 1 || window == 0 {
            return None;
        }
        if self.is_welcome && last >= self.next_n {
            self.failed = Some(Error::Fenced); // never given out here: another process bears this name
            return None;
        }
        if !self.is_welcome {
            (self.first_n, self.next_n, self.is_welcome) = (last + 1, last + 1, true);
        }
        self.window = window;
        self.sessions += 1;
        self.settle(Receipt { n: last, ..Receipt::default() });
        self.sent_n = self.first_n - 1;
        Some(())
    }

    fn on_ack(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let (n, seq, hash) = (reader.uint()?, reader.uint()?, reader.str()?);
        if n > self.sent_n || hash.len() > 32 {
            return None;
        }
        self.settle(Receipt { n, seq, hash: hash.to_string() });
        Some(())
    }

    fn on_nack(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let (n, code, field) = (reader.uint()?, reader.str()?, reader.str()?);
        if n > self.sent_n {
            return None;
        }
        if n >= self.first_n {
            let code = Code::of_word(code).unwrap_or(Code::Value);
            self.refused.insert(n, Refusal { code, field: field.to_string() });
        }
        Some(())
    }

    /// Takes out what is settled through `receipt.n`.
    fn settle(&mut self, receipt: Receipt) {
        while self.first_n <= receipt.n {
            let Some((data, settle)) = self.queue.pop_front() else { break };
            self.bytes -= data.len();
            let result = match self.refused.remove(&self.first_n) {
                Some(refusal) => Err(Error::Refused(refusal)),
                None => Ok(receipt.clone()),
            };
            let _ = settle.send(result); // nobody waits for it: dropped
            self.first_n += 1;
        }
        if receipt.n > self.receipt.n {
            self.receipt = receipt;
        }
    }

    /// Ends all that waits.
    pub fn fail(&mut self, error: &Error) {
        self.failed.get_or_insert_with(|| error.clone());
        for (_, settle) in self.queue.drain(..) {
            let _ = settle.send(Err(error.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
