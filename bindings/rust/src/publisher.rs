use crate::client::Door;
use crate::link::{error_of, RETRY_MAX, RETRY_MIN};
use crate::zmtp::{dial, Fault, Reader, Target, Writer};
use crate::{Client, Error, Event};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::{watch, Notify};
use tokio::task::JoinHandle;

const FRAME_MAX: usize = 64 << 10;
const COLLECTS: Duration = Duration::from_millis(1);

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

#[derive(Default)]
struct Frame {
    bytes: Vec<u8>,
    events: u64,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    current: Option<Arc<Frame>>, // that is being written, and was not written whole so far
    bytes: usize,
    waiting: u64,
    is_final: bool, // no more comes
    is_hurry: bool, // nothing is to be collected: a flush waits
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
        let mut queue = self.queue();
        if queue.is_final {
            return Err(Error::Closed);
        }
        if queue.bytes > 0 && queue.bytes + data.len() > self.options.queue_bytes {
            return Ok(false);
        }
        queue.bytes += data.len();
        queue.waiting += 1;
        let collects = !self.options.collects_nothing;
        match queue.frames.back_mut() {
            Some(last) if collects && last.bytes.len() + data.len() <= FRAME_MAX => {
                last.bytes.extend_from_slice(data);
                last.events += 1;
            }
            _ => queue.frames.push_back(Frame { bytes: data.to_vec(), events: 1 }),
        }
        drop(queue);
        self.wake.notify_one();
        Ok(true)
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
            options,
            max_bytes: self.max_event_bytes,
            queue: Mutex::default(),
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
            {
                let mut queue = self.shared.queue();
                queue.is_hurry = queue.waiting > 0;
                if queue.waiting == 0 {
                    return;
                }
            }
            self.shared.wake.notify_one();
            sent.await;
        }
    }

    /// How many events were taken and not yet handed to the operating system.
    pub fn waiting(&self) -> u64 {
        self.shared.queue().waiting
    }

    /// Flushes, for the close timeout; `Error::Unsettled` tells how many events were never sent.
    pub async fn close(mut self) -> Result<(), Error> {
        self.shared.queue().is_final = true;
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
            Ok((reader, writer)) => {
                pause = RETRY_MIN;
                serve(&shared, reader, writer, &tell).await;
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
        let is_over = {
            let queue = shared.queue();
            queue.is_final && queue.waiting == 0
        };
        if is_over {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(RETRY_MAX);
    }
}

/// Uses one connection to its end.
async fn serve(shared: &Shared, mut reader: Reader, mut writer: Writer, tell: &watch::Sender<State>) {
    let (subscribed, mut is_subscribed) = watch::channel(false);
    let reading = async {
        while let Ok(message) = reader.read().await {
            if message.len() == 1 {
                subscribed.send_replace(message[0] == 1);
                if message[0] == 1 && matches!(*tell.borrow(), State::Opening) {
                    tell.send_replace(State::Open);
                }
            }
        }
    };
    let writing = async {
        let mut last = None;
        while is_subscribed.wait_for(|is| *is).await.is_ok() && write_next(shared, &mut writer, &mut last).await {}
        // a connection that is closed with something unread is reset: the peer closes when it has read all
        if writer.shutdown().await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

/// Writes the next frame, or waits for one. False: the connection is over, or nothing more comes.
async fn write_next(shared: &Shared, writer: &mut Writer, last: &mut Option<Instant>) -> bool {
    let (frame, wait) = next_frame(shared, *last);
    let Some(frame) = frame else {
        let is_over = shared.queue().is_final && wait.is_none();
        if is_over {
            return false;
        }
        let _ = tokio::time::timeout(wait.unwrap_or(Duration::from_secs(3600)), shared.wake.notified()).await;
        return true;
    };
    if writer.write(&frame.bytes).await.is_err() {
        return false; // not written whole: the broker cannot have it, and it is sent again
    }
    let mut queue = shared.queue();
    queue.current = None;
    queue.bytes -= frame.bytes.len();
    queue.waiting -= frame.events;
    queue.is_hurry &= queue.waiting > 0;
    drop(queue);
    *last = Some(Instant::now());
    shared.sent.notify_waiters();
    true
}

/// The frame to be sent now, or how long it may still grow.
fn next_frame(shared: &Shared, last: Option<Instant>) -> (Option<Arc<Frame>>, Option<Duration>) {
    let mut queue = shared.queue();
    if queue.current.is_some() {
        return (queue.current.clone(), None);
    }
    let may_grow = queue.frames.len() == 1 && !shared.options.collects_nothing && !queue.is_hurry && !queue.is_final;
    if may_grow && queue.frames[0].bytes.len() < FRAME_MAX / 2 {
        let left = last.map_or(Duration::ZERO, |at| COLLECTS.saturating_sub(at.elapsed()));
        if !left.is_zero() {
            return (None, Some(left));
        }
    }
    queue.current = queue.frames.pop_front().map(Arc::new);
    (queue.current.clone(), None)
}
