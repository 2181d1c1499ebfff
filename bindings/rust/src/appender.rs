use crate::appender_core::Core;
use crate::client::Door;
use crate::judge::judge_token;
use crate::link::{error_of, is_final, Link, LinkEvent, PAUSE_MAX, PAUSE_MIN};
use crate::time::now_us;
use crate::transport::{Fault, Target};
use crate::{Client, Error, Event, Receipt};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{oneshot, watch, Notify};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How an appender works.
#[derive(Clone, Debug)]
pub struct AppenderOptions {
    /// grows with every start; the clock, in microseconds
    pub incarnation: Option<u64>,
    /// most that waits to be settled; 16 MiB
    pub queue_bytes: usize,
    /// for room in the queue; 5 s
    pub send_timeout: Duration,
    /// for what is not settled at closing; 5 s
    pub close_timeout: Duration,
}

impl Default for AppenderOptions {
    fn default() -> Self {
        let timeout = Duration::from_secs(5);
        AppenderOptions { incarnation: None, queue_bytes: 16 << 20, send_timeout: timeout, close_timeout: timeout }
    }
}

/// An event under way to the log: a future of its receipt. `Error::Refused`: the broker refused it, and it is settled.
/// Whether it is awaited or dropped, the event goes its way.
pub struct Pending {
    n: u64,
    settled: oneshot::Receiver<Result<Receipt, Error>>,
}

impl Pending {
    /// The event's number: the producer's own count, from 1 on, over all its lives.
    pub fn n(&self) -> u64 {
        self.n
    }
}

impl Future for Pending {
    type Output = Result<Receipt, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let settled = Pin::new(&mut self.settled).poll(context);
        settled.map(|result| result.unwrap_or(Err(Error::Closed)))
    }
}

struct Shared {
    core: Mutex<Core>,
    wake: Notify,
    settled: Notify,
}

impl Shared {
    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Publishes acknowledged: an event is settled when the broker says that it is on its disk. It sends by itself, as many
/// events at a time as the broker's window allows, and sends again what was not acknowledged when a connection breaks or
/// the broker restarts: each event is in the log once.
pub struct Appender {
    shared: Arc<Shared>,
    options: AppenderOptions,
    max_bytes: usize,
    task: JoinHandle<()>,
}

impl Client {
    /// `producer` ([A-Za-z0-9_.-], at most 64) says who sends; one handle at a time may bear a name. Numbers go on behind
    /// the producer's last one in the broker's log.
    pub async fn appender(&self, producer: &str) -> Result<Appender, Error> {
        self.appender_with(producer, AppenderOptions::default()).await
    }

    pub async fn appender_with(&self, producer: &str, options: AppenderOptions) -> Result<Appender, Error> {
        if judge_token(producer.as_bytes(), 64).is_err() {
            return Err(Error::Invalid(format!("the producer's name {producer:?}")));
        }
        let mut target = self.target(Door::Append, 0)?;
        target.max_bytes = 1 << 16;
        let core = Core::new(producer, options.incarnation.unwrap_or_else(now_us));
        let shared = Arc::new(Shared { core: Mutex::new(core), wake: Notify::new(), settled: Notify::new() });
        let (tell, mut is_ready) = watch::channel(false);
        let tried = Arc::new(Mutex::new(None));
        let task = tokio::spawn(run(Arc::clone(&shared), target, tell, Arc::clone(&tried)));
        let appender = Appender { shared, options, max_bytes: self.max_event_bytes, task };
        let opened = tokio::time::timeout(self.connect_timeout, is_ready.wait_for(|is| *is)).await;
        let is_opened = matches!(opened, Ok(Ok(_)));
        if let Some(error) = appender.shared.core().failed.clone() {
            return Err(error);
        }
        match is_opened {
            true => Ok(appender),
            false => Err(error_of(tried.lock().map_or(None, |fault| fault.clone()))),
        }
    }
}

impl Appender {
    /// Judges the event and takes it into the queue, waiting for room. After an error it was not taken.
    pub async fn append(&self, event: &Event) -> Result<Pending, Error> {
        let data = event.encode_within(self.max_bytes)?;
        let deadline = Instant::now() + self.options.send_timeout;
        loop {
            let settled = self.shared.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            {
                let mut core = self.shared.core();
                if let Some(error) = &core.failed {
                    return Err(error.clone());
                }
                if core.bytes == 0 || core.bytes + data.len() <= self.options.queue_bytes {
                    let (settle, settled) = oneshot::channel();
                    let n = core.add(data, settle);
                    drop(core);
                    self.shared.wake.notify_one();
                    return Ok(Pending { n, settled });
                }
            }
            if tokio::time::timeout_at(deadline, settled).await.is_err() {
                return Err(Error::Full);
            }
        }
    }

    /// Waits until all events given out so far are settled.
    pub async fn flush(&self) -> Result<(), Error> {
        let target = self.shared.core().next_n;
        loop {
            let settled = self.shared.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            {
                let core = self.shared.core();
                if core.first_n >= target {
                    return Ok(());
                }
                if let Some(error) = &core.failed {
                    return Err(error.clone());
                }
            }
            settled.await;
        }
    }

    /// Events taken and not settled.
    pub fn unsettled(&self) -> u64 {
        let core = self.shared.core();
        core.next_n - core.first_n
    }

    /// Sessions with the broker so far: one, and one for each break.
    pub fn sessions(&self) -> u64 {
        self.shared.core().sessions
    }

    /// The latest receipt.
    pub fn receipt(&self) -> Receipt {
        self.shared.core().receipt.clone()
    }

    /// Waits for what is not settled, for the close timeout. `Error::Unsettled`: so many events may be lost; or
    /// what the handle has failed for.
    pub async fn close(self) -> Result<(), Error> {
        let flushed = tokio::time::timeout(self.options.close_timeout, self.flush()).await;
        if let Some(error) = &self.shared.core().failed {
            return Err(error.clone());
        }
        flushed.unwrap_or_else(|_| Err(Error::Unsettled(self.unsettled())))
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        self.task.abort();
        self.shared.core().fail(&Error::Closed);
    }
}

/// Keeps a session with the broker until the handle closes or fails for good.
async fn run(shared: Arc<Shared>, target: Target, ready: watch::Sender<bool>, tried: Arc<Mutex<Option<Fault>>>) {
    let mut pause = PAUSE_MIN;
    loop {
        let link = Link::start(target.clone(), 1024, Vec::new());
        let was_welcome = session(&shared, link, &ready, &tried).await;
        let failed = shared.core().failed.clone();
        if let Some(error) = failed {
            shared.core().fail(&error);
            shared.settled.notify_waiters();
            ready.send_replace(true);
            return;
        }
        pause = if was_welcome { PAUSE_MIN } else { (2 * pause).min(PAUSE_MAX) };
        tokio::time::sleep(pause).await;
    }
}

/// One session, to its end. True when the broker welcomed it.
async fn session(shared: &Shared, mut link: Link, ready: &watch::Sender<bool>, tried: &Mutex<Option<Fault>>) -> bool {
    let mut ticker = tokio::time::interval(Duration::from_millis(500));
    let mut is_connected = false;
    loop {
        if is_connected {
            send_puts(shared, &link);
        }
        let is_well = tokio::select! {
            event = link.events.recv() => match event {
                Some(LinkEvent::Message(message)) => take(shared, &message, ready),
                Some(LinkEvent::Connected) => {
                    is_connected = true;
                    let hello = shared.core().hello(Instant::now());
                    link.say(hello);
                    true
                }
                Some(LinkEvent::Tried(fault)) => on_tried(shared, fault, tried),
                Some(LinkEvent::Over) | None => false,
            },
            _ = ticker.tick() => {
                let (ask, is_well) = if is_connected { shared.core().tick(Instant::now()) } else { (None, true) };
                if let Some(ask) = ask {
                    link.say(ask);
                }
                is_well
            }
            () = shared.wake.notified() => true,
        };
        if !is_well {
            return shared.core().end_session();
        }
    }
}

fn send_puts(shared: &Shared, link: &Link) {
    loop {
        let put = shared.core().put();
        match put {
            Some(put) => link.say(put),
            None => return,
        }
    }
}

fn take(shared: &Shared, message: &[u8], ready: &watch::Sender<bool>) -> bool {
    let mut core = shared.core();
    let before = core.first_n;
    let is_well = core.receive(message, Instant::now());
    let (is_settled, is_welcome) = (core.first_n != before, core.is_welcome);
    drop(core);
    if is_settled {
        shared.settled.notify_waiters();
    }
    if is_welcome {
        ready.send_replace(true);
    }
    is_well
}

fn on_tried(shared: &Shared, fault: Fault, tried: &Mutex<Option<Fault>>) -> bool {
    let fault = Some(fault);
    let mut core = shared.core();
    if is_final(&fault) && !core.is_welcome {
        core.failed = Some(error_of(fault));
        return false;
    }
    if let Ok(mut last) = tried.lock() {
        *last = fault;
    }
    true
}
