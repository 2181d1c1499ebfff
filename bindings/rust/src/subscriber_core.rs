//! The protocol of live: messages of frames. No sockets and no clock.

use crate::error::protocol;
use crate::gap::{GapTracker, Verdict};
use crate::judge::MAX_TOPIC;
use crate::message::RecordView;
use crate::wire::Reader;
use crate::{Error, Message, Wanted};
use std::collections::VecDeque;

const HEARTBEAT: &str = "~\0";

pub(crate) struct Core {
    pub wanted: Wanted,
    max_bytes: usize,
    gaps: GapTracker,
    pub is_confirmed: bool, // a first heartbeat has come, ever
    is_lost: bool,
    pub head: u64,
    pub log_id: String,
    pub told: VecDeque<Message>,
}

impl Core {
    pub fn new(wanted: Wanted, max_bytes: usize, max_topics: usize) -> Self {
        let gaps = GapTracker::new(wanted.is_everything(), max_topics);
        Core {
            wanted,
            max_bytes,
            gaps,
            is_confirmed: false,
            is_lost: false,
            head: 0,
            log_id: String::new(),
            told: VecDeque::new(),
        }
    }

    /// The prefixes to ask for; the heartbeat's comes last, so that it confirms all.
    pub fn subscriptions(&self) -> Vec<String> {
        let mut prefixes = self.wanted.prefixes();
        if prefixes.is_empty() {
            prefixes.push(String::new());
        }
        prefixes.push(HEARTBEAT.to_string());
        prefixes
    }

    /// Takes one frame. What cannot be read is an error, and passed over.
    pub fn on_frame(&mut self, frame: &[u8]) -> Result<(), Error> {
        let end = frame.iter().take(MAX_TOPIC).position(|byte| *byte == 0).unwrap_or(0);
        let topic = std::str::from_utf8(&frame[..end]).unwrap_or("");
        let body = frame.get(end + 1..).unwrap_or(&[]);
        match topic {
            "" => Err(protocol("a frame without topic")),
            "~" => self.on_heartbeat(body).ok_or_else(|| protocol("no heartbeat")),
            _ if topic.starts_with('~') => Ok(()), // the protocol's own, and newer than we
            _ if !self.is_confirmed || !self.wanted.takes_topic(topic) => Ok(()),
            _ => {
                let mut reader = Reader::new(body);
                while reader.left() > 0 {
                    self.on_record(&mut reader, topic).ok_or_else(|| protocol("no record of this topic"))?;
                }
                Ok(())
            }
        }
    }

    fn on_record(&mut self, reader: &mut Reader<'_>, topic: &str) -> Option<()> {
        let record = RecordView::read(reader, self.max_bytes)?;
        if record.view.topic() != topic {
            return None;
        }
        let verdict = self.gaps.on_record(topic, record.seq, record.prev);
        self.head = record.seq;
        self.tell(verdict, Some(topic));
        if self.wanted.takes_rest(&record.view) {
            self.told.push_back(Message::Event(record.record()));
        }
        Some(())
    }

    fn tell(&mut self, verdict: Verdict, topic: Option<&str>) {
        match verdict {
            Verdict::NothingLost => {}
            Verdict::WentBack => {
                self.told.push_back(Message::Reset { head: self.head, log_id: self.log_id.clone() });
            }
            Verdict::Lost { first, last, at_least, is_exact } => {
                let topic = topic.filter(|_| !is_exact).map(str::to_string);
                self.told.push_back(Message::Gap { topic, first, last, at_least });
            }
        }
    }

    fn on_heartbeat(&mut self, body: &[u8]) -> Option<()> {
        let mut reader = Reader::new(body);
        if reader.array()? != 4 || reader.uint()? != 1 {
            return None;
        }
        let (head, log_id) = (reader.uint()?, reader.str()?.to_string());
        if !reader.skip() || reader.left() > 0 {
            return None;
        }
        let verdict = match self.is_confirmed && log_id == self.log_id {
            true => self.gaps.on_head(head),
            false => {
                self.gaps.begin(head);
                if self.is_confirmed {
                    Verdict::WentBack
                } else {
                    Verdict::NothingLost
                }
            }
        };
        (self.head, self.log_id, self.is_confirmed) = (head, log_id, true);
        if std::mem::take(&mut self.is_lost) {
            self.told.push_back(Message::Restored { head });
        }
        self.tell(verdict, None);
        Some(())
    }

    /// The broker was not heard for too long.
    pub fn on_silence(&mut self) {
        if self.is_confirmed && !self.is_lost {
            self.is_lost = true;
            self.told.push_back(Message::Lost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Write;
    use crate::{Event, Filter, Level};

    const LOG: &str = "0123456789abcdef0123456789abcdef";

    fn beat(head: u64, log_id: &str) -> Vec<u8> {
        let mut out = HEARTBEAT.as_bytes().to_vec();
        out.put_array(4);
        out.put_uint(1);
        out.put_uint(head);
        out.put_str(log_id);
        out.put_uint(5);
        out
    }

    fn frame(source: &str, seq: u64, prev: u64) -> Vec<u8> {
        let mut out = format!("C/{source}\0").into_bytes();
        out.put_array(4);
        [seq, prev, 1].iter().for_each(|number| out.put_uint(*number));
        out.extend(Event::new(Level::Info, "C", "T", source, "s").encode().unwrap());
        out
    }

    fn core(wanted: Wanted) -> Core {
        let mut core = Core::new(wanted, 1 << 20, 100);
        core.on_frame(&beat(10, LOG)).unwrap();
        core
    }

    #[test]
    fn who_takes_everything_counts_exactly_what_is_missing() {
        let mut core = core(Wanted::default());
        for bytes in [frame("a", 11, 0), frame("a", 14, 11), beat(16, LOG)] {
            core.on_frame(&bytes).unwrap();
        }
        let gap = |first, last| Message::Gap { topic: None, first, last, at_least: 2 };
        assert!(matches!(core.told[0], Message::Event(_)) && matches!(core.told[2], Message::Event(_)));
        assert_eq!((&core.told[1], &core.told[3]), (&gap(12, 13), &gap(15, 16)));
    }

    #[test]
    fn another_log_or_one_that_went_back_is_a_reset() {
        let mut core = core(Filter::category("C").into());
        core.on_frame(&beat(3, LOG)).unwrap();
        core.on_silence();
        core.on_frame(&beat(50, &LOG.replace('0', "f"))).unwrap();
        let told: Vec<_> = core.told.iter().map(std::mem::discriminant).collect();
        let reset = Message::Reset { head: 0, log_id: String::new() };
        let expected = [reset.clone(), Message::Lost, Message::Restored { head: 0 }, reset];
        assert_eq!(told, expected.iter().map(std::mem::discriminant).collect::<Vec<_>>());
    }

    #[test]
    fn a_frame_that_is_none_is_an_error_and_passed_over() {
        let mut core = core(Wanted::default());
        let other = [b"C/b\0".as_slice(), &frame("a", 12, 0)[4..]].concat();
        for bytes in [b"".as_slice(), b"\0", b"C/a", b"C/a\0\xc1", &other, b"~\0\x90"] {
            assert!(core.on_frame(bytes).is_err(), "{bytes:?}");
        }
        assert!(core.on_frame(b"~new\0anything").is_ok() && core.told.is_empty());
    }
}
