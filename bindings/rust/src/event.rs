use crate::judge::{judge, View, CATEGORY, CAUSE, KEYS, MAX_EVENT_BYTES, SOURCE_ID, SUMMARY, TIME, TYPE};
use crate::wire::{Reader, Write};
use crate::{Error, Level, Value};
use serde::{Deserialize, Serialize};

/// What happened. As JSON it has the keys of PROTOCOL.md section 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub level: Level,
    /// `[A-Za-z0-9_.-]{1,64}`
    pub category: String,
    /// `[A-Za-z0-9_.-]{1,128}`
    #[serde(rename = "type")]
    pub event_type: String,
    /// 1 to 128 bytes without control characters
    #[serde(rename = "sourceId")]
    pub source_id: String,
    /// one line, at most 8192 bytes
    pub summary: String,
    /// RFC 3339 with offset ([`crate::time::now`]); none: that of its receipt
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// a token such as `BFrameDetected`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// the event's data; `Value::Nil` is a snapshot, and not the same as none
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "crate::value::present")]
    pub snapshot: Option<Value>,
}

impl Event {
    /// An event without time, cause and snapshot.
    pub fn new(level: Level, category: &str, event_type: &str, source_id: &str, summary: &str) -> Self {
        Event {
            level,
            category: category.to_string(),
            event_type: event_type.to_string(),
            source_id: source_id.to_string(),
            summary: summary.to_string(),
            time: None,
            cause: None,
            snapshot: None,
        }
    }

    pub fn cause(mut self, cause: &str) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// RFC 3339 with offset.
    pub fn time(mut self, time: &str) -> Self {
        self.time = Some(time.to_string());
        self
    }

    pub fn snapshot(mut self, snapshot: impl Into<Value>) -> Self {
        self.snapshot = Some(snapshot.into());
        self
    }

    /// What filters are compared with: category "/" sourceId.
    pub fn topic(&self) -> String {
        format!("{}/{}", self.category, self.source_id)
    }

    /// The event as MessagePack, judged as the broker will.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        self.encode_within(MAX_EVENT_BYTES)
    }

    pub(crate) fn encode_within(&self, max_bytes: usize) -> Result<Vec<u8>, Error> {
        let texts = [
            (KEYS[0], Some(self.level.word())),
            (KEYS[CATEGORY], Some(&self.category)),
            (KEYS[TYPE], Some(&self.event_type)),
            (KEYS[SOURCE_ID], Some(&self.source_id)),
            (KEYS[SUMMARY], Some(&self.summary)),
            (KEYS[TIME], self.time.as_deref()),
            (KEYS[CAUSE], self.cause.as_deref()),
        ];
        let count = texts.iter().filter(|text| text.1.is_some()).count();
        let mut out = Vec::with_capacity(256 + self.summary.len());
        out.put_map(count + usize::from(self.snapshot.is_some()));
        for (name, text) in texts {
            if let Some(text) = text {
                out.put_str(name);
                out.put_str(text);
            }
        }
        if let Some(snapshot) = &self.snapshot {
            out.put_str("snapshot");
            snapshot.write(&mut out);
        }
        judge(&out, max_bytes).1?;
        Ok(out)
    }

    /// Judges the event as the broker will.
    pub fn check(&self) -> Result<(), Error> {
        self.encode().map(|_| ())
    }

    /// Reads an event that is MessagePack, one value and nothing behind it, and judges it.
    pub fn decode(bytes: &[u8]) -> Result<Event, Error> {
        let (consumed, view) = judge(bytes, MAX_EVENT_BYTES);
        let view = view?;
        match consumed == bytes.len() {
            true => Ok(Event::of_view(&view)),
            false => Err(Error::Invalid("bytes behind the event".to_string())),
        }
    }

    pub(crate) fn of_view(view: &View<'_>) -> Event {
        let optional = |key: usize| view.texts[key].map(|_| view.text(key).to_string());
        Event {
            level: view.level,
            category: view.text(CATEGORY).to_string(),
            event_type: view.text(TYPE).to_string(),
            source_id: view.text(SOURCE_ID).to_string(),
            summary: view.text(SUMMARY).to_string(),
            time: optional(TIME),
            cause: optional(CAUSE),
            snapshot: view.snapshot.map(|bytes| Value::read(&mut Reader::new(bytes))),
        }
    }
}
