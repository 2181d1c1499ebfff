//! What was lost on the way, told from seq and prev of the records and the head in the heartbeats. Who takes everything
//! sees each seq; with filters each topic is a chain by prev.

use std::collections::HashMap;

/// The last seq of each topic, in bounded memory: two generations, of which the old one is forgotten when the young one is
/// half the limit. What was forgotten is remembered as the highest seq among it.
struct TopicTable {
    young: HashMap<String, u64>,
    old: HashMap<String, u64>,
    forgotten: u64,
    half: usize,
}

impl TopicTable {
    fn new(limit: usize) -> Self {
        TopicTable { young: HashMap::new(), old: HashMap::new(), forgotten: 0, half: (limit / 2).max(1) }
    }

    /// Sets the last seq of a topic and returns the one before.
    fn exchange(&mut self, topic: &str, seq: u64) -> Option<u64> {
        if let Some(last) = self.young.get_mut(topic) {
            return Some(std::mem::replace(last, seq));
        }
        let last = self.old.remove(topic);
        if self.young.len() >= self.half {
            let highest = self.old.values().copied().max().unwrap_or(0);
            self.forgotten = self.forgotten.max(highest);
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(topic.to_string(), seq);
        last
    }
}

#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    NothingLost,
    /// within first … last; exactly so many, of any topic, or at least so many of the record's
    Lost {
        first: u64,
        last: u64,
        at_least: u64,
        is_exact: bool,
    },
    WentBack,
}

pub(crate) struct GapTracker {
    seen: u64,
    begun: u64,
    topics: Option<TopicTable>,
    limit: usize,
}

impl GapTracker {
    pub fn new(is_everything: bool, max_topics: usize) -> Self {
        let mut tracker =
            GapTracker { seen: 0, begun: 0, topics: None, limit: if is_everything { 0 } else { max_topics } };
        tracker.begin(0);
        tracker
    }

    /// What is at or below head is none of ours.
    pub fn begin(&mut self, head: u64) {
        self.seen = head;
        self.begun = head;
        if self.limit > 0 {
            self.topics = Some(TopicTable::new(self.limit));
        }
    }

    pub fn on_record(&mut self, topic: &str, seq: u64, prev: u64) -> Verdict {
        let seen = self.seen;
        if seq <= seen {
            self.begin(seq);
            return Verdict::WentBack;
        }
        self.seen = seq;
        if let Some(topics) = &mut self.topics {
            let known = topics.exchange(topic, seq).unwrap_or(topics.forgotten.max(self.begun));
            return match prev <= known {
                true => Verdict::NothingLost,
                false => Verdict::Lost { first: known + 1, last: prev, at_least: 1, is_exact: false },
            };
        }
        match seq == seen + 1 {
            true => Verdict::NothingLost,
            false => Verdict::Lost { first: seen + 1, last: seq - 1, at_least: seq - 1 - seen, is_exact: true },
        }
    }

    pub fn on_head(&mut self, head: u64) -> Verdict {
        let seen = self.seen;
        if head < seen {
            self.begin(head);
            return Verdict::WentBack;
        }
        self.seen = head;
        match self.topics.is_some() || head == seen {
            true => Verdict::NothingLost,
            false => Verdict::Lost { first: seen + 1, last: head, at_least: head - seen, is_exact: true },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgotten_topics_raise_no_false_alarm() {
        let mut table = TopicTable::new(4);
        for (seq, topic) in ["a", "b", "c", "d", "e", "f", "g"].iter().enumerate() {
            assert_eq!(table.exchange(topic, seq as u64 + 1), None);
        }
        assert!(table.forgotten > 0 && table.young.len() + table.old.len() <= 4);
    }

    #[test]
    fn with_filters_a_topics_chain_tells_what_is_missing() {
        let mut tracker = GapTracker::new(false, 100);
        tracker.begin(10);
        assert_eq!(tracker.on_record("C/a", 20, 5), Verdict::NothingLost);
        assert_eq!(tracker.on_head(30), Verdict::NothingLost);
        let lost = Verdict::Lost { first: 21, last: 25, at_least: 1, is_exact: false };
        assert_eq!(tracker.on_record("C/a", 31, 25), lost);
        assert_eq!(tracker.on_record("C/a", 31, 25), Verdict::WentBack);
    }
}
