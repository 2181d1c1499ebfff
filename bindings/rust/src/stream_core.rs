//! The protocol of a stream: what to say, what an answer means, and where the cursor stands. No sockets, and the time is
//! told.

use crate::error::protocol;
use crate::message::RecordView;
use crate::time::format_us;
use crate::wire::{Reader, Write};
use crate::{Error, Level, Message, StreamOptions};
use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

const QUIET: Duration = Duration::from_millis(1500); // of silence: is the session there still?
const SAY: Duration = Duration::from_secs(15); // the broker forgets who says nothing for a minute
const ABSENT: Duration = Duration::from_secs(1); // a wait that begins so long after the last one: the silence was ours
const PREFIXES_MOST: usize = 1000;
const TYPES_MOST: usize = 256;

/// Where a stream begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum From {
    /// behind the last event that is in the log now
    #[default]
    New,
    /// with the first event that the log still holds
    First,
    /// with a seq; one that is yet to come is waited for
    Seq(u64),
    /// with the first event that the broker received then or later
    Time(SystemTime),
    /// so many seqs before the end, whether they match or not
    Last(u64),
}

impl From {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            From::New => out.put_str("new"),
            From::First => out.put_str("first"),
            From::Seq(seq) => out.put_uint(*seq),
            From::Time(when) => {
                let us = when.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64);
                out.put_map(1);
                out.put_str("time");
                out.put_str(&format_us(us));
            }
            From::Last(count) => {
                out.put_map(1);
                out.put_str("last");
                out.put_uint(*count);
            }
        }
    }
}

/// The batch that is being read.
struct Batch {
    bytes: Vec<u8>,
    at: usize,
    left: u32,
    upto: u64,
}

/// What an answer means for the session.
#[derive(Debug, PartialEq)]
pub(crate) enum Session {
    GoesOn,
    /// over; another one is to be opened after a pause
    Over,
}

pub(crate) struct Core {
    options: StreamOptions,
    max_bytes: usize,
    begin: From,
    latest: bool,

    is_placed: bool, // the broker has said where it begins
    pub log_id: String,
    first: u64, // the first seq that is no latest one
    is_in_latest: bool,
    latest_told: u64,
    cursor: u64,
    pub head: u64,
    pub is_ended: bool,
    pub failed: Option<Error>, // for good

    pub is_open: bool,
    is_lost: bool,
    owed: u64,
    connected: Instant,
    heard: Instant,
    said: Instant,
    asked: Instant,
    waited: Instant,

    pub out: Vec<Vec<u8>>, // to be said
    pub told: VecDeque<Message>,
    batch: Option<Batch>,
}

impl Core {
    pub fn new(options: StreamOptions, max_bytes: usize, now: Instant) -> Self {
        Core {
            begin: options.from.clone(),
            latest: options.latest,
            log_id: options.log_id.clone().unwrap_or_default(),
            options,
            max_bytes,
            is_placed: false,
            first: 0,
            is_in_latest: false,
            latest_told: 0,
            cursor: 0,
            head: 0,
            is_ended: false,
            failed: None,
            is_open: false,
            is_lost: false,
            owed: 0,
            connected: now,
            heard: now,
            said: now,
            asked: now,
            waited: now,
            out: Vec::new(),
            told: VecDeque::new(),
            batch: None,
        }
    }

    fn say(&mut self, now: Instant, message: Vec<u8>) {
        self.said = now;
        self.out.push(message);
    }

    /// Asks for the stream on a new connection: as at first, or behind what was told.
    pub fn begin(&mut self, now: Instant) {
        self.end_session();
        (self.owed, self.connected, self.asked) = (0, now, now);
        let message = match self.is_placed {
            true => self.open_message(&From::Seq(self.resumes()), self.is_in_latest),
            false => self.open_message(&self.begin, self.latest),
        };
        self.say(now, message);
    }

    pub fn end_session(&mut self) {
        (self.is_open, self.batch) = (false, None);
        self.out.clear();
    }

    fn resumes(&self) -> u64 {
        match self.is_in_latest {
            true => self.first,
            false => self.cursor + 1,
        }
    }

    fn open_message(&self, from: &From, latest: bool) -> Vec<u8> {
        let wanted = &self.options.wanted;
        let mut out = Vec::new();
        out.put_array(3);
        out.put_str("open");
        out.put_uint(1);
        out.put_map(6);
        out.put_str("from");
        from.write(&mut out);
        out.put_str("filters");
        put_prefixes(&mut out, &wanted.prefixes());
        out.put_str("level");
        out.put_str(wanted.min_level.unwrap_or(Level::Trace).word());
        out.put_str("types");
        let types: &[String] = if wanted.types.len() > TYPES_MOST { &[] } else { &wanted.types };
        out.put_array(types.len());
        types.iter().for_each(|name| out.put_str(name));
        out.put_str("latest");
        out.put_bool(latest);
        out.put_str("follow");
        out.put_bool(!self.options.ends_at_head);
        out
    }

    /// Takes one message. An error: what came was not understood, or the stream has failed for good.
    pub fn receive(&mut self, message: Vec<u8>, now: Instant) -> Result<Session, Error> {
        self.heard = now;
        let mut reader = Reader::new(&message);
        let count = reader.array().ok_or_else(|| protocol("no message"))?;
        let verb = reader.str().ok_or_else(|| protocol("no verb"))?;
        let is_statement = matches!((verb, count), ("batch" | "hole", 3) | ("end", 2));
        if matches!(verb, "batch" | "hole" | "end") && (!is_statement || !self.is_open) {
            return Err(protocol("out of place"));
        }
        match verb {
            "opened" => self.on_opened(&mut reader, now),
            "batch" => {
                let (upto, left) = (reader.uint(), reader.array());
                let at = reader.at;
                let (Some(upto), Some(left)) = (upto, left) else {
                    return Err(protocol("batch"));
                };
                self.on_batch(Batch { bytes: message, at, left, upto })
            }
            "hole" => self.on_hole(&mut reader).ok_or_else(|| protocol("hole")),
            "end" => self.on_end(&mut reader).ok_or_else(|| protocol("end")),
            "error" => self.on_error(&mut reader),
            "ping" => {
                self.say(now, verb_message("pong"));
                Ok(Session::GoesOn)
            }
            _ => Ok(Session::GoesOn),
        }
    }

    fn on_opened(&mut self, reader: &mut Reader<'_>, now: Instant) -> Result<Session, Error> {
        let (version, log_id) = (reader.uint(), reader.str());
        let (Some(1), Some(log_id), Some(from @ 1..), Some(head)) = (version, log_id, reader.uint(), reader.uint())
        else {
            return Err(protocol("opened"));
        };
        if self.is_open || !is_log_id(log_id) {
            return Err(protocol("opened"));
        }
        let is_same = self.log_id.is_empty() || self.log_id == log_id;
        if !is_same && self.options.log_id.is_some() {
            self.failed = Some(Error::OtherLog);
            return Err(Error::OtherLog);
        }
        if std::mem::take(&mut self.is_lost) {
            self.told.push_back(Message::Restored { head });
        }
        if !is_same || head < self.head {
            self.reset(log_id, head, is_same);
            return Ok(Session::Over);
        }
        self.head = head;
        if !self.is_placed {
            (self.is_placed, self.log_id, self.first) = (true, log_id.to_string(), from);
            (self.cursor, self.is_in_latest, self.latest_told) = (from - 1, self.latest, 0);
        } else if from != self.resumes() {
            return Err(protocol("opened elsewhere"));
        }
        self.is_open = true;
        self.say(now, credit_message(self.options.credit_bytes));
        Ok(Session::GoesOn)
    }

    /// The log lost its end, or is another one; begins anew where that makes sense.
    fn reset(&mut self, log_id: &str, head: u64, is_same: bool) {
        self.log_id = log_id.to_string();
        (self.head, self.cursor, self.is_in_latest, self.is_placed) = (head, head, false, is_same);
        if !is_same {
            (self.begin, self.latest) = (From::First, false);
        }
        self.told.push_back(Message::Reset { head, log_id: self.log_id.clone() });
    }

    fn move_to(&mut self, seq: u64) {
        self.is_in_latest = false;
        self.cursor = seq;
        self.head = self.head.max(seq);
    }

    /// One of the latest has records, and reaches to where the stream begins; any other ends them.
    fn on_batch(&mut self, batch: Batch) -> Result<Session, Error> {
        if self.is_in_latest && (batch.left == 0 || batch.upto >= self.first) {
            self.move_to(self.first - 1);
        }
        if batch.upto < self.cursor {
            return Err(protocol("a batch that goes back"));
        }
        self.batch = Some(batch);
        Ok(Session::GoesOn)
    }

    pub fn has_batch(&self) -> bool {
        self.batch.is_some()
    }

    /// Reads the next record of the batch that is being read, or ends it.
    pub fn step(&mut self, now: Instant) -> Result<(), Error> {
        let Some(mut batch) = self.batch.take() else { return Ok(()) };
        if batch.left == 0 {
            if batch.at < batch.bytes.len() {
                return Err(protocol("bytes behind a batch"));
            }
            if !self.is_in_latest {
                self.move_to(batch.upto);
            }
            self.repay(batch.bytes.len() as u64, now);
            return Ok(());
        }
        batch.left -= 1;
        let mut reader = Reader { bytes: &batch.bytes, at: batch.at };
        let record = RecordView::read(&mut reader, self.max_bytes).ok_or_else(|| protocol("no record"))?;
        batch.at = reader.at;
        let is_new = self.place(record.seq, batch.upto).ok_or_else(|| protocol("a record out of place"))?;
        let wanted = &self.options.wanted;
        if is_new && wanted.takes_rest(&record.view) && wanted.takes_topic(&record.view.topic()) {
            self.told.push_back(Message::Event(record.record()));
        }
        self.batch = Some(batch);
        Ok(())
    }

    /// Puts a record where it belongs: whether it was not told yet; none where it cannot stand there.
    fn place(&mut self, seq: u64, upto: u64) -> Option<bool> {
        if seq > upto {
            return None;
        }
        if self.is_in_latest && seq < self.first {
            let is_new = seq > self.latest_told;
            self.latest_told = self.latest_told.max(seq);
            return Some(is_new);
        }
        if seq <= self.cursor {
            return None;
        }
        self.move_to(seq);
        Some(true)
    }

    /// Gives credit again for what was taken.
    fn repay(&mut self, bytes: u64, now: Instant) {
        self.owed += bytes;
        if self.owed >= self.options.credit_bytes.div_ceil(2) {
            let credit = credit_message(std::mem::take(&mut self.owed));
            self.say(now, credit);
        }
    }

    fn on_hole(&mut self, reader: &mut Reader<'_>) -> Option<Session> {
        let (first, last) = (reader.uint()?, reader.uint()?);
        if first == 0 || first > last || first > self.cursor + 1 || last <= self.cursor {
            return None;
        }
        self.told.push_back(Message::Hole { first: self.cursor + 1, last });
        self.move_to(last);
        Some(Session::GoesOn)
    }

    fn on_end(&mut self, reader: &mut Reader<'_>) -> Option<Session> {
        let last = reader.uint()?;
        if last < self.cursor || !self.options.ends_at_head {
            return None;
        }
        self.move_to(last);
        self.is_ended = true;
        self.told.push_back(Message::End { last });
        Some(Session::Over)
    }

    /// Most of what ends a session passes.
    fn on_error(&mut self, reader: &mut Reader<'_>) -> Result<Session, Error> {
        let code = reader.str().unwrap_or("");
        let text = reader.str().unwrap_or("").to_string();
        let error = match code {
            "version" => Error::Protocol(text),
            "denied" => Error::Denied(text),
            "protocol" => return Err(Error::Protocol(text)),
            _ => return Ok(Session::Over),
        };
        self.failed = Some(error.clone());
        Err(error)
    }

    /// A wait is over, one way or the other.
    pub fn waited(&mut self, now: Instant) {
        self.waited = now;
    }

    /// Looks after the session while nothing comes. `Over`: it is.
    pub fn tick(&mut self, now: Instant, is_connected: bool) -> Session {
        if now - self.waited >= ABSENT {
            self.heard = now;
        }
        self.waited = now;
        let is_silent = now - self.heard >= self.options.silence_timeout;
        if is_silent && self.is_placed && !self.is_lost {
            self.is_lost = true;
            self.told.push_back(Message::Lost);
        }
        if is_connected && self.is_open && !is_silent {
            self.keep_alive(now);
        }
        let is_over = match self.is_open {
            true => is_silent,
            false => now - self.connected >= self.options.silence_timeout,
        };
        match is_connected && is_over {
            true => Session::Over,
            false => Session::GoesOn,
        }
    }

    /// Credit of nothing asks whether the session is known; a broker that has lost it answers that there is none.
    fn keep_alive(&mut self, now: Instant) {
        let is_quiet = now - self.heard >= QUIET && now - self.asked >= QUIET;
        if is_quiet || now - self.said >= SAY {
            self.asked = now;
            self.say(now, credit_message(0));
            self.say(now, verb_message("ping"));
        }
    }

    pub fn cursor(&self) -> Option<u64> {
        (self.is_placed && !self.is_in_latest).then_some(self.cursor)
    }
}

fn is_log_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

/// As bin, which holds any bytes. Too many of them are everything; the client sorts out.
pub(crate) fn put_prefixes(out: &mut Vec<u8>, prefixes: &[String]) {
    let is_all = prefixes.len() > PREFIXES_MOST || prefixes.iter().any(String::is_empty);
    let prefixes = if is_all { &[] } else { prefixes };
    out.put_array(prefixes.len());
    prefixes.iter().for_each(|prefix| out.put_bin(prefix.as_bytes()));
}

fn credit_message(bytes: u64) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_array(2);
    out.put_str("credit");
    out.put_uint(bytes);
    out
}

pub(crate) fn verb_message(verb: &str) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_array(1);
    out.put_str(verb);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    const LOG: &str = "0123456789abcdef0123456789abcdef";

    fn opened(log_id: &str, from: u64, head: u64) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_array(5);
        out.put_str("opened");
        out.put_uint(1);
        out.put_str(log_id);
        out.put_uint(from);
        out.put_uint(head);
        out
    }

    fn batch(upto: u64, seqs: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_array(3);
        out.put_str("batch");
        out.put_uint(upto);
        out.put_array(seqs.len());
        for seq in seqs {
            out.put_array(4);
            [*seq, 0, 1].iter().for_each(|number| out.put_uint(*number));
            out.extend(Event::new(Level::Info, "C", "T", "s", "").encode().unwrap());
        }
        out
    }

    fn numbers(verb: &str, numbers: &[u64]) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_array(1 + numbers.len());
        out.put_str(verb);
        numbers.iter().for_each(|number| out.put_uint(*number));
        out
    }

    fn open_core(options: StreamOptions, from: u64, head: u64) -> Core {
        let now = Instant::now();
        let mut core = Core::new(StreamOptions { credit_bytes: 1000, ..options }, 1 << 20, now);
        core.begin(now);
        assert_eq!(core.receive(opened(LOG, from, head), now), Ok(Session::GoesOn));
        core
    }

    fn give(core: &mut Core, message: Vec<u8>) -> Session {
        let session = core.receive(message, Instant::now()).unwrap();
        while core.has_batch() {
            core.step(Instant::now()).unwrap();
        }
        session
    }

    #[test]
    fn a_batch_moves_the_cursor_and_credit_is_given_again() {
        let mut core = open_core(StreamOptions { from: From::First, ..StreamOptions::default() }, 1, 9);
        core.out.clear();
        give(&mut core, batch(5, &[2, 4]));
        assert_eq!((core.told.len(), core.cursor(), core.out.len()), (2, Some(5), 0));
        (6..16).for_each(|seq| {
            give(&mut core, batch(seq, &[seq]));
        });
        assert_eq!(core.out.len(), 1);
    }

    #[test]
    fn a_stream_resumes_behind_its_cursor() {
        let mut core = open_core(StreamOptions { from: From::First, ..StreamOptions::default() }, 1, 9);
        give(&mut core, batch(5, &[]));
        core.begin(Instant::now());
        assert_eq!(core.out, [core.open_message(&From::Seq(6), false)]);
        assert_eq!(core.receive(opened(LOG, 6, 9), Instant::now()), Ok(Session::GoesOn));
        assert!(core.receive(batch(3, &[]), Instant::now()).is_err(), "upto went back");
    }

    #[test]
    fn the_latest_are_told_once_and_the_stream_goes_on_from_its_begin() {
        let mut core = open_core(StreamOptions { latest: true, ..StreamOptions::default() }, 10, 9);
        give(&mut core, batch(9, &[3]));
        assert_eq!(core.cursor(), None);
        core.begin(Instant::now());
        give(&mut core, opened(LOG, 10, 9));
        give(&mut core, batch(9, &[3, 7]));
        give(&mut core, batch(11, &[11]));
        assert_eq!((core.told.len(), core.cursor()), (3, Some(11)));
    }

    #[test]
    fn holes_ends_and_other_logs_are_told() {
        let ends = StreamOptions { from: From::First, ends_at_head: true, ..StreamOptions::default() };
        let mut core = open_core(ends, 1, 9);
        give(&mut core, numbers("hole", &[1, 4]));
        assert_eq!(give(&mut core, numbers("end", &[9])), Session::Over);
        assert_eq!(core.told, [Message::Hole { first: 1, last: 4 }, Message::End { last: 9 }]);

        let other = LOG.replace('0', "f");
        let mut core = open_core(StreamOptions::default(), 10, 9);
        core.begin(Instant::now());
        assert_eq!(give(&mut core, opened(&other, 10, 20)), Session::Over);
        assert!(matches!(core.told[0], Message::Reset { .. }));
        core.begin(Instant::now());
        assert_eq!(core.out, [core.open_message(&From::First, false)]);

        let keeps = StreamOptions { from: From::Seq(1), log_id: Some(LOG.to_string()), ..StreamOptions::default() };
        let mut core = open_core(keeps, 1, 9);
        core.begin(Instant::now());
        assert_eq!(core.receive(opened(&other, 1, 20), Instant::now()), Err(Error::OtherLog));
    }

    #[test]
    fn a_silent_stream_is_asked_for_and_told_as_lost() {
        let mut core = open_core(StreamOptions::default(), 1, 0);
        core.out.clear();
        let now = core.heard;
        for step in 0..10 {
            assert_eq!(core.tick(now + step * Duration::from_millis(490), true), Session::GoesOn);
        }
        assert!(core.out.len() >= 2 && core.told.is_empty());
        assert_eq!(core.tick(now + Duration::from_millis(5100), true), Session::Over);
        assert_eq!(core.told, [Message::Lost]);
    }
}
