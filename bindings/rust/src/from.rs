use crate::time::format_us;
use crate::wire::Write;
use std::time::{SystemTime, UNIX_EPOCH};

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
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
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
