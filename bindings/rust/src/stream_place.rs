//! Where a stream stands in its log: what was told, and what may come next. No sockets and no clock.

/// What cannot stand where it came is none.
pub(crate) struct Place {
    is_known: bool, // the broker has said where it begins
    pub log_id: String,
    pub head: u64,
    first: u64, // the first seq that is no latest one
    is_in_latest: bool,
    latest_told: u64,
    cursor: u64,
}

impl Place {
    /// Behind `head` of that log; or anywhere.
    pub fn new(log_id: String, head: u64) -> Self {
        Place { is_known: false, log_id, head, first: 0, is_in_latest: false, latest_told: 0, cursor: 0 }
    }

    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Not all of the latest was told.
    pub fn is_in_latest(&self) -> bool {
        self.is_in_latest
    }

    /// The seq through which all that matches has been told.
    pub fn cursor(&self) -> Option<u64> {
        (self.is_known && !self.is_in_latest).then_some(self.cursor)
    }

    /// Where the next session is to begin.
    pub fn resumes(&self) -> u64 {
        match self.is_in_latest {
            true => self.first,
            false => self.cursor + 1,
        }
    }

    /// A session has begun at `from`: at first anywhere, and then where the one before it ended.
    pub fn open(&mut self, log_id: &str, from: u64, head: u64, latest: bool) -> Option<()> {
        self.head = head;
        if self.is_known {
            return (from == self.resumes()).then_some(());
        }
        (self.is_known, self.log_id, self.first) = (true, log_id.to_string(), from);
        (self.cursor, self.is_in_latest, self.latest_told) = (from - 1, latest, 0);
        Some(())
    }

    /// The log lost its end; or it is another one, of which nothing is known.
    pub fn reset(&mut self, log_id: &str, head: u64) {
        self.is_known = self.log_id == log_id || self.log_id.is_empty();
        self.log_id = log_id.to_string();
        (self.head, self.cursor, self.is_in_latest) = (head, head, false);
    }

    fn move_to(&mut self, seq: u64) {
        self.is_in_latest = false;
        self.cursor = seq;
        self.head = self.head.max(seq);
    }

    /// A batch of the latest has records, and reaches to where the stream begins; any other ends them.
    pub fn begin_batch(&mut self, is_empty: bool, upto: u64) -> Option<()> {
        if self.is_in_latest && (is_empty || upto >= self.first) {
            self.move_to(self.first - 1);
        }
        (upto >= self.cursor).then_some(())
    }

    pub fn end_batch(&mut self, upto: u64) {
        if !self.is_in_latest {
            self.move_to(upto);
        }
    }

    /// A record of a batch: whether it was not told yet.
    pub fn take(&mut self, seq: u64, upto: u64) -> Option<bool> {
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

    /// The log does not hold these: the first of them that was not told.
    pub fn pass(&mut self, first: u64, last: u64) -> Option<u64> {
        if first == 0 || first > last || first > self.cursor + 1 || last <= self.cursor {
            return None;
        }
        let untold = self.cursor + 1;
        self.move_to(last);
        Some(untold)
    }

    /// All through there was told, and no more comes.
    pub fn end(&mut self, last: u64) -> Option<()> {
        if last < self.cursor {
            return None;
        }
        self.move_to(last);
        Some(())
    }
}
