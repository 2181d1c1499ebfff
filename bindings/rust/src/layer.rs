use crate::judge::MAX_SUMMARY;
use crate::{Event, Level, Publisher, Value};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use tracing_core::field::{Field, Visit};
use tracing_core::Subscriber;
use tracing_subscriber::layer::{Context, Layer};

/// A layer for `tracing-subscriber` that publishes events of `tracing`: the message is the summary, the target the type
/// where it can be one, and the fields are the snapshot. It never waits: what finds no room is counted by `dropped`.
///
/// ```no_run
/// # fn f(publisher: std::sync::Arc<tocsin::Publisher>) {
/// use tracing_subscriber::prelude::*;
/// tracing_subscriber::registry().with(tocsin::TocsinLayer::new(publisher, "billing")).init();
/// # }
/// ```
pub struct TocsinLayer {
    publisher: Arc<Publisher>,
    source_id: String,
    category: String,
    dropped: Arc<AtomicU64>,
}

impl TocsinLayer {
    pub fn new(publisher: Arc<Publisher>, source_id: &str) -> Self {
        TocsinLayer {
            publisher,
            source_id: source_id.to_string(),
            category: "LogEvent".to_string(),
            dropped: Arc::default(),
        }
    }

    /// Instead of `LogEvent`.
    pub fn category(mut self, category: &str) -> Self {
        self.category = category.to_string();
        self
    }

    /// How many events found no room, or were none; counts on when the layer is given away.
    pub fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }
}

impl<S: Subscriber> Layer<S> for TocsinLayer {
    fn on_event(&self, event: &tracing_core::Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target().starts_with("tocsin") {
            return;
        }
        let level = match *metadata.level() {
            tracing_core::Level::ERROR => Level::Error,
            tracing_core::Level::WARN => Level::Warning,
            tracing_core::Level::INFO => Level::Info,
            tracing_core::Level::DEBUG => Level::Debug,
            tracing_core::Level::TRACE => Level::Trace,
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let (Some(file), Some(line)) = (metadata.file(), metadata.line()) {
            fields.put("file", Value::from(file));
            fields.put("line", Value::from(line));
        }
        let event_type = metadata.target().replace("::", ".");
        let made = Event::new(level, &self.category, &event_type, &self.source_id, &one_line(&fields.message))
            .time(&crate::time::now())
            .snapshot(Value::Map(fields.members));
        if self.publisher.try_publish(&made).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The text as a summary may be: one line without control characters, cut to what is allowed.
fn one_line(text: &str) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut end = line.len().min(MAX_SUMMARY);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line.truncate(end);
    line
}

#[derive(Default)]
struct Fields {
    message: String,
    members: Vec<(String, Value)>,
}

impl Fields {
    fn put(&mut self, name: &str, value: Value) {
        if !self.members.iter().any(|member| member.0 == name) {
            self.members.push((name.to_string(), value));
        }
    }

    fn put_text(&mut self, field: &Field, text: String) {
        match field.name() {
            "message" => self.message = text,
            name => self.put(name, Value::Str(text.replace('\0', "\u{fffd}"))),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put_text(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put_text(field, value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), Value::from(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), Value::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), Value::from(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.put(field.name(), Value::from(value)),
            false => self.put(field.name(), Value::from(value.to_string())),
        }
    }
}
