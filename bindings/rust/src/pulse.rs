//! Whether a stream's session is there still. No sockets, and the time is told.

use std::time::Duration;
use tokio::time::Instant;

const QUIET: Duration = Duration::from_millis(1500); // of silence: is the session there still?
const SAY: Duration = Duration::from_secs(15); // the broker forgets who says nothing for a minute
const ABSENT: Duration = Duration::from_secs(1); // a wait that begins so long after the last one: the silence was ours

pub(crate) struct Pulse {
    patience: Duration,
    connected: Instant,
    pub heard: Instant,
    said: Instant,
    asked: Instant,
    waited: Instant,
}

impl Pulse {
    pub fn new(patience: Duration, now: Instant) -> Self {
        Pulse { patience, connected: now, heard: now, said: now, asked: now, waited: now }
    }

    /// There is a new connection.
    pub fn begin(&mut self, now: Instant) {
        (self.connected, self.asked) = (now, now);
    }

    pub fn hear(&mut self, now: Instant) {
        self.heard = now;
    }

    pub fn say(&mut self, now: Instant) {
        self.said = now;
    }

    /// A wait is over, one way or the other.
    pub fn wait(&mut self, now: Instant) {
        self.waited = now;
    }

    /// A wait is over, and nothing came: whether the broker has been silent for too long.
    pub fn is_silent(&mut self, now: Instant) -> bool {
        if now - self.waited >= ABSENT {
            self.heard = now;
        }
        self.waited = now;
        now - self.heard >= self.patience
    }

    /// Whether a session that is not open yet has been waited for too long.
    pub fn is_late(&self, now: Instant) -> bool {
        now - self.connected >= self.patience
    }

    /// Whether something is to be said now, to keep the session or to hear of it.
    pub fn asks(&mut self, now: Instant) -> bool {
        let is_quiet = now - self.heard >= QUIET && now - self.asked >= QUIET;
        let is_due = is_quiet || now - self.said >= SAY;
        if is_due {
            self.asked = now;
        }
        is_due
    }
}
