//! Publish operational events to a Tocsin broker, and follow them: live, or from its log without loss.
//!
//! ```no_run
//! # async fn f() -> Result<(), tocsin::Error> {
//! let publisher = tocsin::Client::default().publisher().await?;
//! let event = tocsin::Event::new(tocsin::Level::Warning, "StreamEvent", "StreamCreated", "#default#app/cam", "A camera came");
//! publisher.publish(&event).await?;
//! publisher.close().await
//! # }
//! ```
//!
//! A [`Client`] says where the broker is; its methods open what talks to it. Everything runs on tokio. The crate speaks ZeroMQ
//! in plain Rust, with `omq-proto`, over TCP or Unix sockets: no libzmq. CURVE works.

#![forbid(unsafe_code)]

mod appender;
mod appender_core;
#[rustfmt::skip] // as it is printed
pub mod catalog;
mod client;
mod cursor;
mod curve;
mod error;
mod event;
mod filter;
mod from;
mod gap;
mod judge;
#[cfg(feature = "tracing")]
mod layer;
mod level;
mod link;
mod message;
mod publisher;
mod publisher_queue;
mod pulse;
mod question;
mod receipt;
mod source;
mod stream;
mod stream_core;
mod stream_options;
mod stream_place;
mod stream_words;
mod subscriber;
mod subscriber_core;
pub mod time;
mod transport;
mod value;
mod wire;

pub use appender::{Appender, AppenderOptions, Pending};
pub use client::Client;
pub use curve::CurveKeys;
pub use error::{Code, Error, Refusal};
pub use event::Event;
pub use filter::{Filter, Wanted};
pub use from::From;
pub use judge::{MAX_CATEGORY, MAX_DEPTH, MAX_EVENT_BYTES, MAX_SOURCE_ID, MAX_SUMMARY, MAX_TOPIC, MAX_TYPE};
#[cfg(feature = "tracing")]
pub use layer::TocsinLayer;
pub use level::Level;
pub use message::{Message, Record};
pub use publisher::{Publisher, PublisherOptions};
pub use question::Info;
pub use receipt::Receipt;
pub use source::{app_id, stream_id, Source};
pub use stream::LogStream;
pub use stream_options::StreamOptions;
pub use subscriber::{Subscriber, SubscriberOptions};
pub use value::Value;

#[cfg(test)]
mod vectors;
