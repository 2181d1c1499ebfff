//! What a client says at the stream door.

use crate::wire::Write;
use crate::{From, Level, StreamOptions};

const PREFIXES_MOST: usize = 1000;
const TYPES_MOST: usize = 256;

pub(crate) fn open_message(options: &StreamOptions, from: &From, latest: bool) -> Vec<u8> {
    let wanted = &options.wanted;
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
    out.put_bool(!options.ends_at_head);
    out
}

/// As bin, which holds any bytes. Too many of them are everything; the client sorts out.
pub(crate) fn put_prefixes(out: &mut Vec<u8>, prefixes: &[String]) {
    let is_all = prefixes.len() > PREFIXES_MOST || prefixes.iter().any(String::is_empty);
    let prefixes = if is_all { &[] } else { prefixes };
    out.put_array(prefixes.len());
    prefixes.iter().for_each(|prefix| out.put_bin(prefix.as_bytes()));
}

pub(crate) fn credit_message(bytes: u64) -> Vec<u8> {
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
