use crate::client::Door;
use crate::link::{error_of, RETRY_MAX, RETRY_MIN};
use crate::publisher_queue::{Next, Queue};
use crate::transport::{dial, Fault, Said, Target, Transport};
use crate::{Client, Error, Event};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::{watch, Notify};
use tokio::task::JoinHandle;

/// How a publisher works.
#[derive(Clone, Debug)]
pub struct PublisherOptions {
    /// most that waits to be sent; 16 MiB
    pub queue_bytes: usize,
    /// for room in the queue; 5 s
    pub send_timeout: Duration,
    /// for what is under way at closing; 5 s
    pub close_timeout: Duration,
    /// each event in a frame of its own, sent at once
    pub collects_nothing: bool,
}

impl Default for PublisherOptions {
    fn default() -> Self {
        let timeout = Duration::from_secs(5);
        PublisherOptions {
            queue_bytes: 16 << 20,
            send_timeout: timeout,
            close_timeout: timeout,
            collects_nothing: false,
        }
    }
}

struct Shared {
    options: PublisherOptions,
    max_bytes: usize,
    queue: Mutex<Queue>,
    wake: Notify,
    sent: Notify,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes the event; false where there is no room.
    fn put(&self, data: &[u8]) -> Result<bool, Error> {
        let is_taken = self.queue().put(data)?;
        if is_taken {
            self.wake.notify_one();
        }
        Ok(is_taken)
    }
}

#[derive(Clone)]
enum State {
    Opening,
    Open,
    Denied(Error),
}

/// Sends events, fire and forget. Opening waits until the broker takes events, so the first one is not lost. Events in
/// quick succession are collected into one frame, for a millisecond at most; a lone event leaves at once. While the broker
/// is away they wait in the handle, and leave when it is back; where there is no room publishing waits, and then fails: it
/// never drops in silence. What can be lost is what was under way when a connection broke or the broker died.
pub struct Publisher {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Client {
    pub async fn publisher(&self) -> Result<Publisher, Error> {
        self.publisher_with(PublisherOptions::default()).await
    }

    pub async fn publisher_with(&self, options: PublisherOptions) -> Result<Publisher, Error> {
        let mut target = self.target(Door::Ingest, 0)?;
        target.max_bytes = 1 << 16;
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue::new(options.queue_bytes, !options.collects_nothing)),
            options,
            max_bytes: self.max_event_bytes,
            wake: Notify::new(),
            sent: Notify::new(),
        });
        let (tell, mut state) = watch::channel(State::Opening);
        let tried = Arc::new(Mutex::new(None));
        let task = tokio::spawn(run(Arc::clone(&shared), target, tell, Arc::clone(&tried)));
        let publisher = Publisher { shared, task };
        let opened = state.wait_for(|state| !matches!(state, State::Opening));
        match tokio::time::timeout(self.connect_timeout, opened).await {
            Ok(Ok(state)) => {
                if let State::Denied(error) = &*state {
                    return Err(error.clone());
                }
            }
            _ => return Err(error_of(tried.lock().map_or(None, |fault| fault.clone()))),
        }
        Ok(publisher)
    }
}

impl Publisher {
    /// Judges the event and takes it into the queue; waits for room. After an error the event was not taken.
    pub async fn publish(&self, event: &Event) -> Result<(), Error> {
        let data = event.encode_within(self.shared.max_bytes)?;
        let deadline = tokio::time::Instant::now() + self.shared.options.send_timeout;
        loop {
            let sent = self.shared.sent.notified();
            tokio::pin!(sent);
            sent.as_mut().enable();
            if self.shared.put(&data)? {
                return Ok(());
            }
            if tokio::time::timeout_at(deadline, sent).await.is_err() {
                return Err(Error::Full);
            }
        }
    }

    /// As `publish`, without waiting: `Error::Full` where there is no room now.
    pub fn try_publish(&self, event: &Event) -> Result<(), Error> {
        let data = event.encode_within(self.shared.max_bytes)?;
        match self.shared.put(&data)? {
            true => Ok(()),
            false => Err(Error::Full),
        }
    }

    /// Sends what was collected and waits until all has been handed to the operating system.
    pub async fn flush(&self) {
        loop {
            let sent = self.shared.sent.notified();
            tokio::pin!(sent);
            sent.as_mut().enable();
            if self.shared.queue().hurry() == 0 {
                return;
            }
            self.shared.wake.notify_one();
            sent.await;
        }
    }

    /// How many events were taken and not yet handed to the operating system.
    pub fn waiting(&self) -> u64 {
        self.shared.queue().waiting()
    }

    /// Flushes, for the close timeout; `Error::Unsettled` tells how many events were never sent.
    pub async fn close(mut self) -> Result<(), Error> {
        self.shared.queue().end();
        self.shared.wake.notify_one();
        let _ = tokio::time::timeout(self.shared.options.close_timeout, &mut self.task).await;
        match self.waiting() {
            0 => Ok(()),
            waiting => Err(Error::Unsettled(waiting)),
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Keeps a connection, and writes what there is.
async fn run(shared: Arc<Shared>, target: Target, tell: watch::Sender<State>, tried: Arc<Mutex<Option<Fault>>>) {
    let mut pause = RETRY_MIN;
    loop {
        match dial(&target).await {
            Ok(transport) => {
                pause = RETRY_MIN;
                let _ = serve(&shared, transport, &tell).await; // whatever it was: it is over
            }
            Err(fault) => {
                let is_opening = matches!(*tell.borrow(), State::Opening);
                if let (true, Fault::TurnedAway(why)) = (is_opening, &fault) {
                    tell.send_replace(State::Denied(Error::Denied(why.clone())));
                    return;
                }
                if let Ok(mut last) = tried.lock() {
                    *last = Some(fault);
                }
            }
        }
        if shared.queue().is_over() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(RETRY_MAX);
    }
}

/// Uses one connection to its end.
async fn serve(shared: &Shared, mut transport: Transport, tell: &watch::Sender<State>) -> Result<(), Fault> {
    let (mut is_wanted, mut is_under_way, mut last) = (false, false, None);
    loop {
        while let Some(said) = transport.take()? {
            is_wanted = wants(&said).unwrap_or(is_wanted);
            if is_wanted && matches!(*tell.borrow(), State::Opening) {
                tell.send_replace(State::Open);
            }
        }
        if !transport.is_idle() {
            transport.turn(true).await?;
            continue;
        }
        if std::mem::take(&mut is_under_way) {
            shared.queue().settle();
            last = Some(Instant::now());
            shared.sent.notify_waiters();
        }
        let wait = match next(shared, is_wanted, last) {
            Next::Frame(frame) => {
                transport.put(frame)?;
                is_under_way = true;
                continue;
            }
            Next::End => {
                transport.close().await;
                return Ok(());
            }
            Next::Later(wait) => wait,
            Next::Nothing => Duration::from_secs(3600),
        };
        tokio::select! {
            turned = transport.turn(true) => turned?,
            _ = tokio::time::timeout(wait, shared.wake.notified()) => {}
        }
    }
}

/// Nothing is sent to a broker that would drop it.
fn next(shared: &Shared, is_wanted: bool, last: Option<Instant>) -> Next {
    let mut queue = shared.queue();
    match is_wanted || queue.is_over() {
        true => queue.next(last.map(|at| at.elapsed())),
        false => Next::Nothing,
    }
}

/// Whether the broker takes events now, if that is what it says: in ZMTP 3.1 a command, before that a message.
fn wants(said: &Said) -> Option<bool> {
    match said {
        Said::Wants(wants) => Some(*wants),
        Said::Message(message) if message.len() == 1 => Some(message[0] == 1),
        Said::Message(_) => None,
    }
}
