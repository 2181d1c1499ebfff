//! An event judged as a broker does (PROTOCOL.md section 1.1): one pass; after the first fault the rest is only stepped
//! over, to find where the next event begins.

use crate::time::is_time;
use crate::wire::{Reader, Token};
use crate::{Code, Level, Refusal};
use std::collections::HashSet;

pub const MAX_CATEGORY: usize = 64;
pub const MAX_TYPE: usize = 128;
pub const MAX_SOURCE_ID: usize = 128;
pub const MAX_SUMMARY: usize = 8192;
pub const MAX_DEPTH: usize = 32;
pub const MAX_TOPIC: usize = 200;
/// The broker's default for a whole event.
pub const MAX_EVENT_BYTES: usize = 1 << 20;
const MAX_FIELD: usize = 128;
const SMALL_MAP: usize = 16;

pub(crate) const KEYS: [&str; 8] = ["level", "category", "type", "sourceId", "summary", "time", "cause", "snapshot"];
const REQUIRED: usize = 5;
pub(crate) const CATEGORY: usize = 1;
pub(crate) const TYPE: usize = 2;
pub(crate) const SOURCE_ID: usize = 3;
pub(crate) const SUMMARY: usize = 4;
pub(crate) const TIME: usize = 5;
pub(crate) const CAUSE: usize = 6;
const SNAPSHOT: usize = 7;

/// An event's parts within its bytes. Texts of a view that was not refused are UTF-8.
pub(crate) struct View<'a> {
    pub level: Level,
    pub texts: [Option<&'a [u8]>; 8],
    pub snapshot: Option<&'a [u8]>,
}

impl<'a> View<'a> {
    pub fn text(&self, key: usize) -> &'a str {
        self.texts[key].and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    pub fn topic(&self) -> String {
        format!("{}/{}", self.text(CATEGORY), self.text(SOURCE_ID))
    }
}

type Verdict<T> = Result<T, Refusal>;

/// Judges the event at the head of the bytes: how many it takes, 0 where it is malformed, and what it is.
pub(crate) fn judge(bytes: &[u8], max_bytes: usize) -> (usize, Verdict<View<'_>>) {
    let mut reader = Reader::new(bytes);
    let mut view = View { level: Level::Trace, texts: [None; 8], snapshot: None };
    let (mut verdict, left) = match reader.next() {
        Token::End => return (0, Err(Refusal::new(Code::Malformed, ""))),
        Token::Map(pairs) => {
            let (judged, unread) = judge_pairs(&mut reader, pairs, &mut view);
            (judged, 2 * u64::from(unread))
        }
        Token::Array(count) => (Err(Refusal::new(Code::Type, "")), u64::from(count)),
        _ => (Err(Refusal::new(Code::Type, "")), 0),
    };
    for _ in 0..left {
        if !reader.skip() {
            return (0, Err(Refusal::new(Code::Malformed, "")));
        }
    }
    if reader.at > max_bytes {
        verdict = Err(Refusal::new(Code::Length, ""));
    }
    (reader.at, verdict.map(|()| view))
}

/// Reads pairs until one is at fault; then the reader stands before that pair, which is counted as unread.
fn judge_pairs<'a>(reader: &mut Reader<'a>, pairs: u32, view: &mut View<'a>) -> (Verdict<()>, u32) {
    let mut seen = 0u8;
    for left in (1..=pairs).rev() {
        let before = reader.at;
        let judged = judge_key(reader, seen).and_then(|key| {
            seen |= 1 << key;
            judge_member(reader, key, view).map_err(|code| Refusal::new(code, KEYS[key]))
        });
        if judged.is_err() {
            reader.at = before;
            return (judged, left);
        }
    }
    match (0..REQUIRED).find(|key| seen & 1 << key == 0) {
        Some(key) => (Err(Refusal::new(Code::Missing, KEYS[key])), 0),
        None => (Ok(()), 0),
    }
}

fn judge_key(reader: &mut Reader<'_>, seen: u8) -> Verdict<usize> {
    let name = match reader.next() {
        Token::Str(name) => name,
        Token::End => return Err(Refusal::new(Code::Malformed, "")),
        _ => return Err(Refusal::new(Code::Unsupported, "")),
    };
    match KEYS.iter().position(|key| key.as_bytes() == name) {
        Some(key) if seen & 1 << key != 0 => Err(Refusal::new(Code::Duplicate, KEYS[key])),
        Some(key) => Ok(key),
        None => {
            let text = judge_str(name).map_err(|code| Refusal::new(code, ""))?;
            Err(Refusal::new(Code::Unknown, cut_name(text)))
        }
    }
}

/// As much of an unknown key's name as an answer needs to carry: whole characters.
fn cut_name(name: &str) -> &str {
    let mut end = name.len().min(MAX_FIELD);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

fn judge_member<'a>(reader: &mut Reader<'a>, key: usize, view: &mut View<'a>) -> Result<(), Code> {
    if key == SNAPSHOT {
        let before = reader.at;
        judge_value(reader)?;
        view.snapshot = Some(&reader.bytes[before..reader.at]);
        return Ok(());
    }
    let text = match reader.next() {
        Token::Str(text) => text,
        Token::End => return Err(Code::Malformed),
        _ => return Err(Code::Type),
    };
    view.texts[key] = Some(text);
    match key {
        0 => match Level::of_word(text) {
            Some(level) => view.level = level,
            None => return Err(fault_of(text)),
        },
        TIME if !is_time(text) => return Err(fault_of(text)),
        TIME => {}
        CATEGORY => judge_token(text, MAX_CATEGORY)?,
        SOURCE_ID => judge_line(text, 1, MAX_SOURCE_ID)?,
        SUMMARY => judge_line(text, 0, MAX_SUMMARY)?,
        _ => judge_token(text, MAX_TYPE)?,
    }
    Ok(())
}

fn judge_str(text: &[u8]) -> Result<&str, Code> {
    let text = std::str::from_utf8(text).map_err(|_| Code::Utf8)?;
    match text.as_bytes().contains(&0) {
        true => Err(Code::Unsupported),
        false => Ok(text),
    }
}

/// What is wrong with a text that does not have its form.
fn fault_of(text: &[u8]) -> Code {
    judge_str(text).err().unwrap_or(Code::Value)
}

pub(crate) fn judge_token(text: &[u8], limit: usize) -> Result<(), Code> {
    if text.is_empty() || text.len() > limit {
        return Err(Code::Length);
    }
    let is_good = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-');
    match text.iter().all(is_good) {
        true => Ok(()),
        false => Err(fault_of(text)),
    }
}

fn judge_line(text: &[u8], least: usize, limit: usize) -> Result<(), Code> {
    if text.len() < least || text.len() > limit {
        return Err(Code::Length);
    }
    match std::str::from_utf8(text) {
        Ok(line) if !line.chars().any(char::is_control) => Ok(()),
        _ => Err(fault_of(text)),
    }
}

/// An array or a map that is being walked. Keys of a small map are compared one by one, those of a large one hashed.
struct Frame<'a> {
    left: u32,
    is_map: bool,
    keys: Vec<&'a [u8]>,
    many: Option<HashSet<&'a [u8]>>,
}

impl<'a> Frame<'a> {
    fn is_repeated(&mut self, name: &'a [u8]) -> bool {
        if let Some(many) = &mut self.many {
            return !many.insert(name);
        }
        if self.keys.contains(&name) {
            return true;
        }
        self.keys.push(name);
        if self.keys.len() > SMALL_MAP {
            self.many = Some(self.keys.drain(..).collect());
        }
        false
    }
}

pub(crate) fn judge_value(reader: &mut Reader<'_>) -> Result<(), Code> {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    judge_item(reader, &mut frames)?;
    while let Some(frame) = frames.last_mut() {
        if frame.left == 0 {
            frames.pop();
            continue;
        }
        frame.left -= 1;
        if frame.is_map {
            let name = match reader.next() {
                Token::Str(name) => name,
                Token::End => return Err(Code::Malformed),
                _ => return Err(Code::Unsupported),
            };
            judge_str(name)?;
            if frame.is_repeated(name) {
                return Err(Code::Duplicate);
            }
        }
        judge_item(reader, &mut frames)?;
    }
    Ok(())
}

fn judge_item<'a>(reader: &mut Reader<'a>, frames: &mut Vec<Frame<'a>>) -> Result<(), Code> {
    let (left, is_map) = match reader.next() {
        Token::End => return Err(Code::Malformed),
        Token::Bin | Token::Ext => return Err(Code::Unsupported),
        Token::Float(value) if !value.is_finite() => return Err(Code::Unsupported),
        Token::Str(text) => return judge_str(text).map(|_| ()),
        Token::Array(count) => (count, false),
        Token::Map(count) => (count, true),
        _ => return Ok(()),
    };
    if frames.len() == MAX_DEPTH {
        return Err(Code::Depth);
    }
    frames.push(Frame { left, is_map, keys: Vec::new(), many: None });
    Ok(())
}
