//! What a publisher has taken and not yet sent: events collected into frames, within a bound. No sockets, and the time is told.

use crate::Error;
use bytes::Bytes;
use std::collections::VecDeque;
use std::time::Duration;

const FRAME_MAX: usize = 64 << 10;
const COLLECTS: Duration = Duration::from_millis(1);

#[derive(Default)]
struct Frame {
    bytes: Vec<u8>,
    events: u64,
}

/// What is to be done for the queue.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    Frame(Bytes),
    /// the frame may still grow for so long
    Later(Duration),
    Nothing,
    /// nothing, and no more comes
    End,
}

pub(crate) struct Queue {
    bytes_most: usize,
    collects: bool,
    frames: VecDeque<Frame>,
    current: Option<(Bytes, u64)>, // that is being sent, and was not sent whole so far; with its events
    bytes: usize,
    waiting: u64,
    is_final: bool, // no more comes
    is_hurry: bool, // nothing is to be collected: a flush waits
}

impl Queue {
    pub fn new(bytes_most: usize, collects: bool) -> Self {
        Queue {
            bytes_most,
            collects,
            frames: VecDeque::new(),
            current: None,
            bytes: 0,
            waiting: 0,
            is_final: false,
            is_hurry: false,
        }
    }

    /// Takes the event; false where there is no room.
    pub fn put(&mut self, data: &[u8]) -> Result<bool, Error> {
        if self.is_final {
            return Err(Error::Closed);
        }
        if self.bytes > 0 && self.bytes + data.len() > self.bytes_most {
            return Ok(false);
        }
        self.bytes += data.len();
        self.waiting += 1;
        match self.frames.back_mut() {
            Some(last) if self.collects && last.bytes.len() + data.len() <= FRAME_MAX => {
                last.bytes.extend_from_slice(data);
                last.events += 1;
            }
            _ => self.frames.push_back(Frame { bytes: data.to_vec(), events: 1 }),
        }
        Ok(true)
    }

    /// Events that were taken and not sent.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Collects nothing until all has been sent; how many events that are.
    pub fn hurry(&mut self) -> u64 {
        self.is_hurry = self.waiting > 0;
        self.waiting
    }

    pub fn end(&mut self) {
        self.is_final = true;
    }

    pub fn is_over(&self) -> bool {
        self.is_final && self.waiting == 0
    }

    /// What is to be sent now, `since` after the last frame: the one that was not sent whole before any other, for the broker
    /// cannot have it.
    pub fn next(&mut self, since: Option<Duration>) -> Next {
        if let Some((bytes, _)) = &self.current {
            return Next::Frame(bytes.clone());
        }
        let may_grow = self.frames.len() == 1 && self.collects && !self.is_hurry && !self.is_final;
        if may_grow && self.frames[0].bytes.len() < FRAME_MAX / 2 {
            let left = since.map_or(Duration::ZERO, |since| COLLECTS.saturating_sub(since));
            if !left.is_zero() {
                return Next::Later(left);
            }
        }
        match self.frames.pop_front() {
            Some(frame) => {
                let bytes = Bytes::from(frame.bytes);
                self.current = Some((bytes.clone(), frame.events));
                Next::Frame(bytes)
            }
            None if self.is_final => Next::End,
            None => Next::Nothing,
        }
    }

    /// What `next` gave has been handed to the operating system.
    pub fn settle(&mut self) {
        let Some((bytes, events)) = self.current.take() else { return };
        self.bytes -= bytes.len();
        self.waiting -= events;
        self.is_hurry &= self.waiting > 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG_AGO: Option<Duration> = Some(Duration::from_secs(1));

    fn frame(next: Next) -> Bytes {
        match next {
            Next::Frame(bytes) => bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_lone_event_leaves_at_once_and_quick_ones_are_collected() {
        let mut queue = Queue::new(1000, true);
        assert_eq!(queue.next(None), Next::Nothing);
        assert_eq!(queue.put(b"a"), Ok(true));
        assert_eq!(frame(queue.next(LONG_AGO)), "a");
        queue.settle();
        assert_eq!((queue.put(b"b"), queue.put(b"c")), (Ok(true), Ok(true)));
        assert_eq!(queue.next(Some(Duration::ZERO)), Next::Later(COLLECTS));
        assert_eq!(queue.hurry(), 2);
        assert_eq!(frame(queue.next(Some(Duration::ZERO))), "bc");
        queue.settle();
        assert_eq!(queue.hurry(), 0);
    }

    #[test]
    fn what_was_not_sent_whole_is_sent_again_and_keeps_its_room() {
        let mut queue = Queue::new(3, false);
        assert_eq!((queue.put(b"ab"), queue.put(b"c"), queue.put(b"d")), (Ok(true), Ok(true), Ok(false)));
        assert_eq!((frame(queue.next(None)), frame(queue.next(None))), ("ab".into(), "ab".into()));
        assert_eq!((queue.put(b"d"), queue.waiting()), (Ok(false), 2));
        queue.settle();
        assert_eq!((queue.put(b"de"), queue.waiting()), (Ok(true), 2));
        assert_eq!(frame(queue.next(None)), "c");
    }

    #[test]
    fn a_queue_that_was_ended_takes_no_more_and_sends_the_rest() {
        let mut queue = Queue::new(3, true);
        assert_eq!(queue.put(b"long enough"), Ok(true), "one event is always taken");
        queue.end();
        assert_eq!((queue.put(b"a"), queue.is_over()), (Err(Error::Closed), false));
        frame(queue.next(Some(Duration::ZERO)));
        queue.settle();
        assert_eq!((queue.next(None), queue.is_over()), (Next::End, true));
    }
}
