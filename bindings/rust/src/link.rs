use crate::zmtp::{dial, Fault, Target};
use crate::Error;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub(crate) const RETRY_MIN: Duration = Duration::from_millis(100);
pub(crate) const RETRY_MAX: Duration = Duration::from_secs(2);

pub(crate) enum LinkEvent {
    /// a try to connect failed; it is tried again
    Tried(Fault),
    Connected,
    Message(Vec<u8>),
    /// the connection is over
    Over,
}

/// One connection, from the first try to its end, in a task of its own.
pub(crate) struct Link {
    pub events: mpsc::Receiver<LinkEvent>,
    out: mpsc::UnboundedSender<Vec<u8>>,
    task: JoinHandle<()>,
}

impl Link {
    /// `says` is said first.
    pub fn start(target: Target, queue: usize, says: Vec<Vec<u8>>) -> Link {
        let (tell, events) = mpsc::channel(queue);
        let (out, say) = mpsc::unbounded_channel();
        let task = tokio::spawn(run(target, tell, say, says));
        Link { events, out, task }
    }

    pub fn say(&self, message: Vec<u8>) {
        let _ = self.out.send(message); // nobody there: `Over` tells
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    target: Target,
    tell: mpsc::Sender<LinkEvent>,
    mut say: mpsc::UnboundedReceiver<Vec<u8>>,
    says: Vec<Vec<u8>>,
) {
    let mut pause = RETRY_MIN;
    let (mut reader, mut writer) = loop {
        match dial(&target).await {
            Ok(halves) => break halves,
            Err(fault) => {
                if tell.send(LinkEvent::Tried(fault)).await.is_err() {
                    return;
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(RETRY_MAX);
    };
    let writing = async {
        for message in says {
            if writer.write(&message).await.is_err() {
                return;
            }
        }
        if tell.send(LinkEvent::Connected).await.is_err() {
            return;
        }
        while let Some(message) = say.recv().await {
            if writer.write(&message).await.is_err() {
                return;
            }
        }
    };
    let reading = async {
        while let Ok(message) = reader.read().await {
            if tell.send(LinkEvent::Message(message)).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = writing => {}
        () = reading => {}
    }
    let _ = tell.send(LinkEvent::Over).await;
}

/// What a fault at opening becomes.
pub(crate) fn error_of(fault: Option<Fault>) -> Error {
    match fault {
        None => Error::Unreachable(String::new()),
        Some(Fault::Io(why)) => Error::Unreachable(why),
        Some(Fault::Protocol(why)) => Error::Protocol(why),
        Some(Fault::Denied(why) | Fault::TurnedAway(why)) => Error::Denied(why),
    }
}

/// There is no use in trying again to open.
pub(crate) fn is_final(fault: &Option<Fault>) -> bool {
    matches!(fault, Some(Fault::TurnedAway(_)))
}
