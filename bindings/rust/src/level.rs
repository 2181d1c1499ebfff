use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How severe an event is, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warning,
    Error,
}

const LEVELS: [Level; 5] = [Level::Trace, Level::Debug, Level::Info, Level::Warning, Level::Error];

impl Level {
    /// The protocol's word, "Warning".
    pub fn word(self) -> &'static str {
        match self {
            Level::Trace => "Trace",
            Level::Debug => "Debug",
            Level::Info => "Info",
            Level::Warning => "Warning",
            Level::Error => "Error",
        }
    }

    pub(crate) fn of_word(word: &[u8]) -> Option<Level> {
        LEVELS.into_iter().find(|level| level.word().as_bytes() == word)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl FromStr for Level {
    type Err = crate::Error;

    /// Reads the protocol's word, exactly so.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Level::of_word(word.as_bytes()).ok_or_else(|| crate::Error::Invalid(format!("the level {word:?}")))
    }
}
