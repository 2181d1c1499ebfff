//! The protocol of a stream: what to say, and what an answer means. No sockets, and the time is told.

use crate::cursor::{is_log_id, Cursor};
use crate::error::protocol;
use crate::message::RecordView;
use crate::pulse::Pulse;
use crate::stream_place::Place;
use crate::stream_words::{credit_message, open_message, verb_message};
use crate::wire::Reader;
use crate::{Error, From, Message, StreamOptions};
use bytes::Bytes;
use std::collections::VecDeque;
use tokio::time::Instant;

/// The batch that is being read.
struct Batch {
    bytes: Bytes,
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
    keeps_log: bool, // another log is an error

    place: Place,
    pub is_ended: bool,
    pub failed: Option<Error>, // for good

    pub is_open: bool,
    is_lost: bool,
    owed: u64,
    pub pulse: Pulse,

    pub out: Vec<Vec<u8>>, // to be said
    pub told: VecDeque<Message>,
    batch: Option<Batch>,
}

impl Core {
    /// `found` is where the last run ended.
    pub fn new(options: StreamOptions, found: Option<Cursor>, max_bytes: usize, now: Instant) -> Self {
        let (begin, latest, log_id, head) = match found {
            Some(Cursor { log_id, seq }) => (From::Seq(seq + 1), false, log_id, seq),
            None => (options.from.clone(), options.latest, options.log_id.clone().unwrap_or_default(), 0),
        };
        Core {
            begin,
            latest,
            place: Place::new(log_id, head),
            keeps_log: options.log_id.is_some() || options.cursor_file.is_some(),
            pulse: Pulse::new(options.silence_timeout, now),
            options,
            max_bytes,
            is_ended: false,
            failed: None,
            is_open: false,
            is_lost: false,
            owed: 0,
            out: Vec::new(),
            told: VecDeque::new(),
            batch: None,
        }
    }

    fn say(&mut self, now: Instant, message: Vec<u8>) {
        self.pulse.say(now);
        self.out.push(message);
    }

    /// Asks for the stream on a new connection: as at first, or behind what was told.
    pub fn begin(&mut self, now: Instant) {
        self.end_session();
        self.owed = 0;
        self.pulse.begin(now);
        let message = match self.place.is_known() {
            true => open_message(&self.options, &From::Seq(self.place.resumes()), self.place.is_in_latest()),
            false => open_message(&self.options, &self.begin, self.latest),
        };
        self.say(now, message);
    }

    pub fn end_session(&mut self) {
        (self.is_open, self.batch) = (false, None);
        self.out.clear();
    }

    /// Takes one message. An error: what came was not understood, or the stream has failed for good.
    pub fn receive(&mut self, message: Bytes, now: Instant) -> Result<Session, Error> {
        self.pulse.hear(now);
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
        let is_same = self.place.log_id.is_empty() || self.place.log_id == log_id;
        if !is_same && self.keeps_log {
            self.failed = Some(Error::OtherLog);
            return Err(Error::OtherLog);
        }
        if std::mem::take(&mut self.is_lost) {
            self.told.push_back(Message::Restored { head });
        }
        if !is_same || head < self.place.head {
            self.reset(log_id, head, is_same);
            return Ok(Session::Over);
        }
        self.place.open(log_id, from, head, self.latest).ok_or_else(|| protocol("opened elsewhere"))?;
        self.is_open = true;
        self.say(now, credit_message(self.options.credit_bytes));
        Ok(Session::GoesOn)
    }

    /// The log lost its end, or is another one; begins anew where that makes sense.
    fn reset(&mut self, log_id: &str, head: u64, is_same: bool) {
        self.place.reset(log_id, head);
        if !is_same {
            (self.begin, self.latest) = (From::First, false);
        }
        self.told.push_back(Message::Reset { head, log_id: log_id.to_string() });
    }

    fn on_batch(&mut self, batch: Batch) -> Result<Session, Error> {
        self.place.begin_batch(batch.left == 0, batch.upto).ok_or_else(|| protocol("a batch that goes back"))?;
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
            self.place.end_batch(batch.upto);
            self.repay(batch.bytes.len() as u64, now);
            return Ok(());
        }
        batch.left -= 1;
        let mut reader = Reader { bytes: &batch.bytes, at: batch.at };
        let record = RecordView::read(&mut reader, self.max_bytes).ok_or_else(|| protocol("no record"))?;
        batch.at = reader.at;
        let is_new = self.place.take(record.seq, batch.upto).ok_or_else(|| protocol("a record out of place"))?;
        let wanted = &self.options.wanted;
        if is_new && wanted.takes_rest(&record.view) && wanted.takes_topic(&record.view.topic()) {
            self.told.push_back(Message::Event(record.record()));
        }
        self.batch = Some(batch);
        Ok(())
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
        let untold = self.place.pass(first, last)?;
        self.told.push_back(Message::Hole { first: untold, last });
        Some(Session::GoesOn)
    }

    fn on_end(&mut self, reader: &mut Reader<'_>) -> Option<Session> {
        let last = reader.uint().filter(|_| self.options.ends_at_head)?;
        self.place.end(last)?;
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

    /// Looks after the session while nothing comes. `Over`: it is.
    pub fn tick(&mut self, now: Instant, is_connected: bool) -> Session {
        let is_silent = self.pulse.is_silent(now);
        if is_silent && self.place.is_known() && !self.is_lost {
            self.is_lost = true;
            self.told.push_back(Message::Lost);
        }
        if is_connected && self.is_open && !is_silent && self.pulse.asks(now) {
            // credit of nothing asks whether the session is known; a broker that has lost it answers that there is none
            self.say(now, credit_message(0));
            self.say(now, verb_message("ping"));
        }
        let is_over = match self.is_open {
            true => is_silent,
            false => self.pulse.is_late(now),
        };
        match is_connected && is_over {
            true => Session::Over,
            false => Session::GoesOn,
        }
    }

    pub fn log_id(&self) -> &str {
        &self.place.log_id
    }

    pub fn head(&self) -> u64 {
        self.place.head
    }

    pub fn cursor(&self) -> Option<u64> {
        self.place.cursor()
    }

    /// What is handled once all that was told is; none: nothing can be said of it. That is no place that the log has not
    /// reached.
    pub fn handled(&self) -> Option<Cursor> {
        let seq = self.cursor().filter(|seq| self.told.is_empty() && (1..=self.head()).contains(seq))?;
        Some(Cursor { log_id: self.log_id().to_string(), seq })
    }
}

#[cfg(test)]
mod tests;
