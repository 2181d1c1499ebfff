use crate::client::Door;
use crate::error::protocol;
use crate::judge::judge_value;
use crate::link::{error_of, is_final, Link, LinkEvent};
use crate::message::RecordView;
use crate::stream_words::{put_prefixes, verb_message};
use crate::transport::Word;
use crate::wire::{Reader, Write};
use crate::{Client, Error, Record, Value, Wanted};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the broker tells of itself.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Info {
    pub version: String,
    pub log_id: String,
    /// the first seq that the log holds
    pub first: u64,
    pub head: u64,
    pub durable: u64,
    pub uptime_s: u64,
    pub sessions: u64,
    pub counters: BTreeMap<String, u64>,
}

impl Client {
    /// Sends one question and hands each answer of that verb to `take`, until that says that it was the last.
    async fn ask(
        &self,
        question: Vec<u8>,
        verb: &str,
        mut take: impl FnMut(&mut Reader<'_>) -> Option<bool>,
    ) -> Result<(), Error> {
        let mut link = Link::start(self.target(Door::Stream, 2 << 20)?, 64, vec![Word::Message(question)]);
        let mut tried = None;
        let asking = async {
            loop {
                match link.events.recv().await {
                    Some(LinkEvent::Message(message)) => {
                        if take_answer(&message, verb, &mut take)? {
                            return Ok(());
                        }
                    }
                    Some(LinkEvent::Connected) => {}
                    Some(LinkEvent::Tried(fault)) => {
                        tried = Some(fault);
                        if is_final(&tried) {
                            return Err(error_of(tried.take()));
                        }
                    }
                    Some(LinkEvent::Over) | None => return Err(Error::Unreachable("the connection broke".to_string())),
                }
            }
        };
        match tokio::time::timeout(self.connect_timeout, asking).await {
            Ok(done) => done,
            Err(_) => Err(error_of(tried)),
        }
    }

    /// Asks the broker about itself.
    pub async fn info(&self) -> Result<Info, Error> {
        let mut found = None;
        self.ask(verb_message("info"), "info", |reader| {
            let before = reader.at;
            judge_value(reader).ok()?;
            found = Some(Value::read(&mut Reader { bytes: reader.bytes, at: before }));
            Some(true)
        })
        .await?;
        found.unwrap_or(Value::Nil).to().map_err(|_| protocol("info"))
    }

    /// The last event of every topic that is wanted, in the order of seq.
    pub async fn latest(&self, wanted: impl Into<Wanted>) -> Result<Vec<Record>, Error> {
        let wanted = wanted.into();
        wanted.check()?;
        let mut question = Vec::new();
        question.put_array(2);
        question.put_str("latest");
        put_prefixes(&mut question, &wanted.prefixes());
        let mut records = Vec::new();
        self.ask(question, "latest", |reader| {
            let count = reader.array()?;
            for _ in 0..count {
                let record = RecordView::read(reader, self.max_event_bytes)?;
                if wanted.takes_rest(&record.view) && wanted.takes_topic(&record.view.topic()) {
                    records.push(record.record());
                }
            }
            Some(count == 0)
        })
        .await?;
        Ok(records)
    }
}

/// True: it was the last one.
fn take_answer(
    message: &[u8],
    verb: &str,
    take: &mut impl FnMut(&mut Reader<'_>) -> Option<bool>,
) -> Result<bool, Error> {
    let mut reader = Reader::new(message);
    reader.array().ok_or_else(|| protocol("no message"))?;
    match reader.str() {
        Some(said) if said == verb => take(&mut reader).ok_or_else(|| protocol(verb)),
        Some("error") => {
            let code = reader.str().unwrap_or("");
            let text = reader.str().unwrap_or("").to_string();
            Err(match code {
                "busy" | "unavailable" => Error::Unreachable(text),
                "denied" => Error::Denied(text),
                _ => Error::Protocol(text),
            })
        }
        Some(_) => Ok(false),
        None => Err(protocol("no verb")),
    }
}
