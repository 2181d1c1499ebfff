use crate::client::Door;
use crate::link::{error_of, is_final, Link, LinkEvent};
use crate::subscriber_core::Core;
use crate::transport::{Fault, Target, Word};
use crate::{Client, Error, Message, Wanted};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How a subscriber works.
#[derive(Clone, Debug)]
pub struct SubscriberOptions {
    /// the silence after which the connection counts as lost and is made anew; 5 s
    pub heartbeat_timeout: Duration,
    /// most frames that wait in this process; what comes on top is lost by the broker; 10000
    pub queue_frames: usize,
    /// topics whose last seq is remembered; 65536
    pub max_topics: usize,
}

impl Default for SubscriberOptions {
    fn default() -> Self {
        SubscriberOptions { heartbeat_timeout: Duration::from_secs(5), queue_frames: 10_000, max_topics: 65_536 }
    }
}

/// Follows events live: every event that is wanted is delivered or told as a gap. A `Stream` of messages, too.
pub struct Subscriber {
    core: Core,
    target: Target,
    options: SubscriberOptions,
    link: Link,
    heard: Instant,
    looked: Instant,
    timer: Pin<Box<Sleep>>,
    tried: Option<Fault>,
}

impl Client {
    /// Connects, and waits until the broker has confirmed all filters with a heartbeat, one a second.
    pub async fn subscribe(&self, wanted: impl Into<Wanted>) -> Result<Subscriber, Error> {
        self.subscribe_with(wanted, SubscriberOptions::default()).await
    }

    pub async fn subscribe_with(
        &self,
        wanted: impl Into<Wanted>,
        options: SubscriberOptions,
    ) -> Result<Subscriber, Error> {
        let wanted = wanted.into();
        wanted.check()?;
        let target = self.target(Door::Live, 65_536 + 4096)?;
        let core = Core::new(wanted, self.max_event_bytes, options.max_topics);
        let link = start(&target, &options, &core);
        let now = Instant::now();
        let timer = Box::pin(tokio::time::sleep(options.heartbeat_timeout));
        let mut subscriber = Subscriber { core, target, options, link, heard: now, looked: now, timer, tried: None };
        let opening = async {
            while !subscriber.core.is_confirmed && !is_final(&subscriber.tried) {
                subscriber.step().await?;
            }
            Ok(())
        };
        match tokio::time::timeout(self.connect_timeout, opening).await {
            Ok(Ok(())) if subscriber.core.is_confirmed => Ok(subscriber),
            Ok(Err(error)) => Err(error),
            _ => Err(error_of(subscriber.tried)),
        }
    }
}

fn start(target: &Target, options: &SubscriberOptions, core: &Core) -> Link {
    let says = core.subscriptions().into_iter().map(Word::Subscribe).collect();
    Link::start(target.clone(), options.queue_frames.max(1), says)
}

impl Subscriber {
    fn connect(&mut self) {
        self.link = start(&self.target, &self.options, &self.core);
    }

    /// Takes one thing that happens. May be dropped while it waits.
    async fn step(&mut self) -> Result<(), Error> {
        let now = Instant::now();
        if now - self.looked > Duration::from_secs(1) {
            self.heard = now; // the silence was ours
        }
        self.looked = now;
        // a short tick, so that a silence of ours is told from one of the broker
        let until = (self.heard + self.options.heartbeat_timeout).min(now + Duration::from_millis(500));
        self.timer.as_mut().reset(until);
        let event = tokio::select! {
            biased;
            event = self.link.events.recv() => event.unwrap_or(LinkEvent::Over),
            () = self.timer.as_mut() => {
                self.looked = Instant::now();
                if self.looked - self.heard >= self.options.heartbeat_timeout {
                    self.heard = self.looked;
                    self.core.on_silence();
                    self.connect();
                }
                return Ok(());
            }
        };
        match event {
            LinkEvent::Message(frame) => {
                self.heard = Instant::now();
                return self.core.on_frame(&frame);
            }
            LinkEvent::Tried(fault) => self.tried = Some(fault),
            LinkEvent::Over => self.connect(),
            LinkEvent::Connected => {}
        }
        Ok(())
    }

    /// What comes next. `Error::Protocol` is a frame that is none: it is passed over, and the next call goes on. May be
    /// dropped while it waits; nothing is lost by that.
    pub async fn next(&mut self) -> Result<Message, Error> {
        loop {
            if let Some(message) = self.core.told.pop_front() {
                return Ok(message);
            }
            if let Err(error) = self.step().await {
                if self.core.told.is_empty() {
                    return Err(error);
                }
            }
        }
    }

    /// The log that the broker writes.
    pub fn log_id(&self) -> &str {
        &self.core.log_id
    }

    /// The last seq that the broker published, as far as is known here.
    pub fn head(&self) -> u64 {
        self.core.head
    }
}

/// Never ends.
impl futures_core::Stream for Subscriber {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Each wait is on what `self` keeps: the link's queue and the timer wake us after the future is gone.
        std::pin::pin!(self.next()).poll(context).map(Some)
    }
}
