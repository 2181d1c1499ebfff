use crate::{From, Wanted};
use std::path::PathBuf;
use std::time::Duration;

/// Where a stream begins and what is wanted. The default is everything new, followed.
#[derive(Clone, Debug)]
pub struct StreamOptions {
    pub from: From,
    pub wanted: Wanted,
    /// begin with the last event before the start of every matching topic: the state
    pub latest: bool,
    /// tell what is there, then `Message::End`; else go on with what comes
    pub ends_at_head: bool,
    /// the log that a seq to begin with counts in: any other is `Error::OtherLog`
    pub log_id: Option<String>,
    /// after which the connection counts as lost; 5 s
    pub silence_timeout: Duration,
    /// most that is on its way or waits here; 4 MiB
    pub credit_bytes: u64,
    /// keeps the place: all through it is handled. What it says goes before `from` and `latest`; with another log it is
    /// `Error::OtherLog`. Each event is then told at least once over restarts of the program. `Error::Cursor`: the file is
    /// no cursor, or another process uses it.
    pub cursor_file: Option<PathBuf>,
    /// between two writes of the file, which are forced to the disk, and waited for; 200 ms
    pub cursor_interval: Duration,
    /// what was told is handled when `commit` says so, and not when the next message is asked for
    pub commits_by_hand: bool,
}

impl Default for StreamOptions {
    fn default() -> Self {
        StreamOptions {
            from: From::New,
            wanted: Wanted::default(),
            latest: false,
            ends_at_head: false,
            log_id: None,
            silence_timeout: Duration::from_secs(5),
            credit_bytes: 4 << 20,
            cursor_file: None,
            cursor_interval: Duration::from_millis(200),
            commits_by_hand: false,
        }
    }
}
