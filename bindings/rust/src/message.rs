use crate::judge::{judge, View};
use crate::wire::Reader;
use crate::Event;

/// The time that the broker adds to an event does not count against what the event may have.
const TIME_MEMBER: usize = 64;

/// An event with its place in the broker's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub seq: u64,
    /// the seq of the event before it on its topic; 0: there is none, or it is no longer known
    pub prev: u64,
    /// the broker's clock, microseconds since 1970 UTC
    pub received_us: u64,
    pub event: Event,
}

/// What a subscriber or a stream tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message {
    Event(Record),
    /// Live: events that you wanted were lost on the way; they are in the broker's log, within first … last. `topic` where
    /// one topic is concerned and not all: then it is known only that there are `at_least` so many, else exactly how many.
    Gap {
        topic: Option<String>,
        first: u64,
        last: u64,
        at_least: u64,
    },
    /// The connection is lost; the handle goes on trying.
    Lost,
    /// It is back, and all filters are in force.
    Restored {
        head: u64,
    },
    /// The broker's log is another one, or went back: seqs count anew from `head`.
    Reset {
        head: u64,
        log_id: String,
    },
    /// Stream: the log does not hold first … last.
    Hole {
        first: u64,
        last: u64,
    },
    /// Stream: all through `last` was told, and no more was asked for.
    End {
        last: u64,
    },
}

/// One record within bytes.
pub(crate) struct RecordView<'a> {
    pub seq: u64,
    pub prev: u64,
    pub received_us: u64,
    pub view: View<'a>,
}

impl<'a> RecordView<'a> {
    /// Reads one record and judges its event; none where that is none, and then nothing behind it can be trusted.
    pub fn read(reader: &mut Reader<'a>, max_bytes: usize) -> Option<RecordView<'a>> {
        if reader.array()? != 4 {
            return None;
        }
        let (seq, prev, received_us) = (reader.uint()?, reader.uint()?, reader.uint()?);
        let (used, view) = judge(&reader.bytes[reader.at..], max_bytes + TIME_MEMBER);
        let view = view.ok()?;
        if prev >= seq {
            return None;
        }
        reader.at += used;
        Some(RecordView { seq, prev, received_us, view })
    }

    pub fn record(&self) -> Record {
        Record { seq: self.seq, prev: self.prev, received_us: self.received_us, event: Event::of_view(&self.view) }
    }
}
