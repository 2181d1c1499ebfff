use crate::transport::{dial, Fault, Said, Target, Transport, Word};
use crate::Error;
use bytes::Bytes;
use std::time::Duration;
use tokio::sync::mpsc;

// between two tries to connect
pub(crate) const RETRY_MIN: Duration = Duration::from_millis(100);
pub(crate) const RETRY_MAX: Duration = Duration::from_secs(2);

// between two sessions
pub(crate) const PAUSE_MIN: Duration = Duration::from_millis(20);
pub(crate) const PAUSE_MAX: Duration = Duration::from_secs(1);

pub(crate) enum LinkEvent {
    /// a try to connect failed; it is tried again
    Tried(Fault),
    Connected,
    Message(Bytes),
    /// the connection is over
    Over,
}

/// One connection, from the first try to its end, in a task of its own. It ends when the handle is dropped, and what was
/// said before that is sent if the connection takes it at once.
pub(crate) struct Link {
    pub events: mpsc::Receiver<LinkEvent>,
    out: mpsc::UnboundedSender<Word>,
}

impl Link {
    /// `says` is said first.
    pub fn start(target: Target, queue: usize, says: Vec<Word>) -> Link {
        let (tell, events) = mpsc::channel(queue);
        let (out, say) = mpsc::unbounded_channel();
        tokio::spawn(run(target, tell, say, says));
        Link { events, out }
    }

    pub fn say(&self, message: Vec<u8>) {
        let _ = self.out.send(Word::Message(message)); // nobody there: `Over` tells
    }
}

async fn run(target: Target, tell: mpsc::Sender<LinkEvent>, mut say: mpsc::UnboundedReceiver<Word>, says: Vec<Word>) {
    let dialled = tokio::select! {
        dialled = connect(&target, &tell) => dialled,
        () = tell.closed() => None,
    };
    let Some(mut transport) = dialled else { return };
    let _ = serve(&mut transport, &tell, &mut say, says).await; // whatever it was: it is over
    let _ = tell.send(LinkEvent::Over).await;
}

/// None: nobody waits for it any longer.
async fn connect(target: &Target, tell: &mpsc::Sender<LinkEvent>) -> Option<Transport> {
    let mut pause = RETRY_MIN;
    loop {
        match dial(target).await {
            Ok(transport) => return Some(transport),
            Err(fault) => tell.send(LinkEvent::Tried(fault)).await.ok()?,
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(RETRY_MAX);
    }
}

/// Carries messages both ways. Reads no more while the handle has no room for what is here: then the peer has to wait.
async fn serve(
    transport: &mut Transport,
    tell: &mpsc::Sender<LinkEvent>,
    say: &mut mpsc::UnboundedReceiver<Word>,
    says: Vec<Word>,
) -> Result<(), Fault> {
    for word in says {
        transport.say(word)?;
    }
    let mut held = Some(LinkEvent::Connected);
    loop {
        if held.is_none() {
            held = transport.take()?.and_then(event_of);
        }
        tokio::select! {
            biased;
            word = say.recv() => match word {
                Some(word) => transport.say(word)?,
                None => return transport.drain().await,
            },
            room = tell.reserve(), if held.is_some() => match (room, held.take()) {
                (Ok(room), Some(event)) => room.send(event),
                _ => return Ok(()),
            },
            turned = transport.turn(held.is_none()) => turned?,
        }
    }
}

fn event_of(said: Said) -> Option<LinkEvent> {
    match said {
        Said::Message(message) => Some(LinkEvent::Message(message)),
        Said::Wants(_) => None,
    }
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
