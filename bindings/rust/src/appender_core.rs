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
mod tests {
    use super::*;

    const LOG: &str = "0123456789abcdef0123456789abcdef";

    fn welcome(last: u64, window: u64) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_array(5);
        out.put_str("welcome");
        out.put_uint(1);
        out.put_str(LOG);
        out.put_uint(last);
        out.put_uint(window);
        out
    }

    fn answer(verb: &str, n: u64, seq: Option<u64>, texts: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_array(2 + usize::from(seq.is_some()) + texts.len());
        out.put_str(verb);
        out.put_uint(n);
        if let Some(seq) = seq {
            out.put_uint(seq);
        }
        texts.iter().for_each(|text| out.put_str(text));
        out
    }

    fn welcomed(last: u64, window: u64, events: usize) -> (Core, Vec<oneshot::Receiver<Result<Receipt, Error>>>) {
        let mut core = Core::new("p", 1);
        core.hello(Instant::now());
        assert!(core.receive(&welcome(last, window), Instant::now()));
        let pending = (0..events).map(|_| {
            let (settle, settled) = oneshot::channel();
            core.add(vec![0xc0], settle);
            settled
        });
        let pending = pending.collect();
        (core, pending)
    }

    fn expect_put(core: &mut Core, n: u64, count: usize) {
        let put = core.put().expect("a put");
        let mut reader = Reader::new(&put);
        assert_eq!((reader.array(), reader.str(), reader.uint()), (Some(3), Some("put"), Some(n)));
        assert_eq!(reader.array(), Some(count as u32));
    }

    #[test]
    fn a_put_keeps_to_the_window_and_an_ack_opens_it() {
        let (mut core, mut pending) = welcomed(7, 2, 3);
        expect_put(&mut core, 8, 2);
        assert!(core.put().is_none());
        assert!(core.receive(&answer("nack", 8, None, &["value", "level", "text"]), Instant::now()));
        assert!(core.receive(&answer("ack", 9, Some(100), &["00ff"]), Instant::now()));
        let refusal = Refusal { code: Code::Value, field: "level".to_string() };
        assert_eq!(pending[0].try_recv().unwrap(), Err(Error::Refused(refusal)));
        assert_eq!(pending[1].try_recv().unwrap(), Ok(Receipt { n: 9, seq: 100, hash: "00ff".to_string() }));
        expect_put(&mut core, 10, 1);
        assert!(!core.receive(&answer("ack", 11, Some(100), &[""]), Instant::now()), "never sent");
    }

    #[test]
    fn after_a_break_only_what_the_broker_does_not_have_is_sent_again() {
        let (mut core, mut pending) = welcomed(0, 100, 3);
        expect_put(&mut core, 1, 3);
        core.hello(Instant::now());
        assert!(core.put().is_none(), "nothing before the welcome");
        assert!(core.receive(&welcome(2, 100), Instant::now()));
        assert!(pending[1].try_recv().unwrap().is_ok());
        expect_put(&mut core, 3, 1);
        assert!(!core.receive(&welcome(9, 100), Instant::now()));
        assert_eq!(core.failed, Some(Error::Fenced), "numbers that were never given out");
    }

    #[test]
    fn fenced_is_for_good_and_busy_is_not() {
        for (code, failed) in [("fenced", Some(Error::Fenced)), ("busy", None), ("unavailable", None), ("order", None)]
        {
            let (mut core, _) = welcomed(0, 1, 0);
            let mut error = Vec::new();
            error.put_array(3);
            ["error", code, "text"].iter().for_each(|text| error.put_str(text));
            assert!(!core.receive(&error, Instant::now()));
            assert_eq!(core.failed, failed, "{code}");
        }
    }

    #[test]
    fn a_silent_broker_is_asked_and_then_given_up() {
        let (mut core, _) = welcomed(0, 1, 0);
        let now = core.heard;
        assert_eq!(core.tick(now + Duration::from_secs(1)), (None, true));
        assert!(core.tick(now + Duration::from_secs(4)).0.is_some());
        assert!(!core.tick(now + Duration::from_secs(9)).1);
    }
}
