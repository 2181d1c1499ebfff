use crate::client::Door;
use crate::cursor::{is_log_id, Keeper};
use crate::link::{error_of, is_final, Link, LinkEvent, PAUSE_MAX, PAUSE_MIN};
use crate::stream_core::{Core, Session};
use crate::stream_words::verb_message;
use crate::transport::{Fault, Target};
use crate::{Client, Error, Message, StreamOptions};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Tells events of the broker's log, any part of the past and what comes: every one that matches once, in the order of seq,
/// over breaks of the connection and restarts of the broker. A program that is slow loses nothing. To go on later, name a
/// `cursor_file`; or keep `cursor` and `log_id` with your results, and open with `From::Seq(cursor + 1)` and that `log_id`. A
/// `Stream` of messages, which ends behind `Message::End`.
pub struct LogStream {
    core: Core,
    keeper: Option<Keeper>,
    commits_by_hand: bool,
    target: Target,
    link: Option<Link>, // none: between two
    is_up: bool,        // the link is connected
    retry: Instant,
    pause: Duration,
    timer: Pin<Box<Sleep>>,
    tried: Option<Fault>,
}

impl Client {
    /// Connects and waits until the broker has opened the stream.
    pub async fn stream(&self, options: StreamOptions) -> Result<LogStream, Error> {
        options.wanted.check()?;
        if options.log_id.as_ref().is_some_and(|id| !is_log_id(id)) {
            return Err(Error::Invalid("the log's id".to_string()));
        }
        let target = self.target(Door::Stream, 2 << 20)?;
        let keeper =
            options.cursor_file.as_ref().map(|path| Keeper::open(path, options.cursor_interval)).transpose()?;
        let found = keeper.as_ref().and_then(|keeper| keeper.found.clone());
        if matches!((&found, &options.log_id), (Some(cursor), Some(id)) if cursor.log_id != *id) {
            return Err(Error::OtherLog);
        }
        let now = Instant::now();
        let mut stream = LogStream {
            commits_by_hand: options.commits_by_hand,
            core: Core::new(options, found, self.max_event_bytes, now),
            keeper,
            target,
            link: None,
            is_up: false,
            retry: now,
            pause: Duration::ZERO,
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            tried: None,
        };
        let opening = async {
            while !stream.core.is_open && !is_final(&stream.tried) {
                stream.step().await?;
            }
            Ok(())
        };
        match tokio::time::timeout(self.connect_timeout, opening).await {
            Ok(Ok(())) if stream.core.is_open => stream.handled(true).map(|()| stream),
            Ok(Err(error)) => Err(error),
            _ => Err(error_of(stream.tried.take())),
        }
    }
}

impl LogStream {
    /// Ends the session; the next one begins after a pause that grows.
    fn restart(&mut self) {
        self.link = None;
        self.is_up = false;
        self.core.end_session();
        self.pause = (2 * self.pause).clamp(PAUSE_MIN, PAUSE_MAX);
        self.retry = Instant::now() + self.pause;
    }

    fn flush(&mut self) {
        if let Some(link) = &self.link {
            self.core.out.drain(..).for_each(|message| link.say(message));
        }
    }

    /// Does the next thing: reads a record, or takes what happens. May be dropped while it waits.
    async fn step(&mut self) -> Result<(), Error> {
        if let Some(error) = &self.core.failed {
            return Err(error.clone());
        }
        let now = Instant::now();
        if self.core.has_batch() {
            self.pause = Duration::ZERO;
            return self.done(now);
        }
        if self.link.is_none() && now >= self.retry {
            self.link = Some(Link::start(self.target.clone(), 64, Vec::new()));
        }
        let until = if self.link.is_some() { now + Duration::from_millis(500) } else { self.retry };
        self.timer.as_mut().reset(until);
        let events = async {
            match &mut self.link {
                Some(link) => link.events.recv().await.unwrap_or(LinkEvent::Over),
                None => std::future::pending().await,
            }
        };
        let event = tokio::select! {
            biased;
            event = events => Some(event),
            () = self.timer.as_mut() => None,
        };
        let now = Instant::now();
        let Some(event) = event else {
            match self.core.tick(now, self.is_up) {
                Session::Over => self.restart(),
                Session::GoesOn => self.flush(),
            }
            return Ok(());
        };
        self.core.pulse.wait(now);
        self.take(event, now)
    }

    fn done(&mut self, now: Instant) -> Result<(), Error> {
        let result = self.core.step(now);
        match result {
            Ok(()) => self.flush(),
            Err(_) => self.restart(),
        }
        result
    }

    fn take(&mut self, event: LinkEvent, now: Instant) -> Result<(), Error> {
        match event {
            LinkEvent::Tried(fault) => self.tried = Some(fault),
            LinkEvent::Over => self.restart(),
            LinkEvent::Connected => {
                self.is_up = true;
                self.core.begin(now);
                self.flush();
            }
            LinkEvent::Message(message) => match self.core.receive(message, now) {
                Ok(Session::GoesOn) => self.flush(),
                Ok(Session::Over) => self.restart(),
                Err(error) => {
                    self.restart();
                    return Err(error);
                }
            },
        }
        Ok(())
    }

    /// What comes next; none when `Message::End` has been told. `Error::OtherLog`: the broker writes another log now
    /// (without `log_id` in the options that is `Message::Reset`); `Error::Protocol`: what came was not understood, and is
    /// asked for again by the next call. May be dropped while it waits; nothing is lost by that.
    pub async fn next(&mut self) -> Option<Result<Message, Error>> {
        if let Err(error) = self.handled(false) {
            return Some(Err(error));
        }
        loop {
            if let Some(message) = self.core.told.pop_front() {
                return Some(Ok(message));
            }
            if self.core.is_ended {
                return None;
            }
            if let Err(error) = self.step().await {
                if self.core.told.is_empty() {
                    return Some(Err(error));
                }
            }
        }
    }

    /// Who asks for more has handled what was told, unless that is said by hand.
    fn handled(&mut self, at_once: bool) -> Result<(), Error> {
        match self.keeper.is_some() && !self.commits_by_hand {
            true => self.commit(at_once),
            false => Ok(()),
        }
    }

    /// All that was told is handled: the file says so within its interval, or at once.
    pub fn commit(&mut self, at_once: bool) -> Result<(), Error> {
        let Some(keeper) = &mut self.keeper else {
            return Err(Error::Invalid("there is no cursor_file".to_string()));
        };
        match self.core.handled() {
            Some(cursor) => keeper.commit(cursor, at_once),
            None => Ok(()),
        }
    }

    /// The seq through which all that matches has been told; it moves on where nothing matches. None: begin as the first
    /// time, for not all of the latest was told.
    pub fn cursor(&self) -> Option<u64> {
        self.core.cursor()
    }

    /// The log that the cursor counts in.
    pub fn log_id(&self) -> &str {
        self.core.log_id()
    }

    /// The log's last seq as far as it is known here.
    pub fn head(&self) -> u64 {
        self.core.head()
    }
}

impl Drop for LogStream {
    fn drop(&mut self) {
        if let (true, Some(link)) = (self.core.is_open, &self.link) {
            link.say(verb_message("close"));
        }
    }
}

impl futures_core::Stream for LogStream {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // Each wait is on what `self` keeps: the link's queue and the timer wake us after the future is gone.
        std::pin::pin!(self.next()).poll(context)
    }
}
