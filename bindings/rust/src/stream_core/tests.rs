use super::*;
use crate::wire::Write;
use crate::{Event, Level};
use std::time::Duration;

const LOG: &str = "0123456789abcdef0123456789abcdef";

fn opened(log_id: &str, from: u64, head: u64) -> Bytes {
    let mut out = Vec::new();
    out.put_array(5);
    out.put_str("opened");
    out.put_uint(1);
    out.put_str(log_id);
    out.put_uint(from);
    out.put_uint(head);
    out.into()
}

fn batch(upto: u64, seqs: &[u64]) -> Bytes {
    let mut out = Vec::new();
    out.put_array(3);
    out.put_str("batch");
    out.put_uint(upto);
    out.put_array(seqs.len());
    for seq in seqs {
        out.put_array(4);
        [*seq, 0, 1].iter().for_each(|number| out.put_uint(*number));
        out.extend(Event::new(Level::Info, "C", "T", "s", "").encode().unwrap());
    }
    out.into()
}

fn numbers(verb: &str, numbers: &[u64]) -> Bytes {
    let mut out = Vec::new();
    out.put_array(1 + numbers.len());
    out.put_str(verb);
    numbers.iter().for_each(|number| out.put_uint(*number));
    out.into()
}

fn open_core(options: StreamOptions, from: u64, head: u64) -> Core {
    let now = Instant::now();
    let mut core = Core::new(StreamOptions { credit_bytes: 1000, ..options }, None, 1 << 20, now);
    core.begin(now);
    assert_eq!(core.receive(opened(LOG, from, head), now), Ok(Session::GoesOn));
    core
}

fn give(core: &mut Core, message: Bytes) -> Session {
    let session = core.receive(message, Instant::now()).unwrap();
    while core.has_batch() {
        core.step(Instant::now()).unwrap();
    }
    session
}

#[test]
fn a_batch_moves_the_cursor_and_credit_is_given_again() {
    let mut core = open_core(StreamOptions { from: From::First, ..StreamOptions::default() }, 1, 9);
    core.out.clear();
    give(&mut core, batch(5, &[2, 4]));
    assert_eq!((core.told.len(), core.cursor(), core.out.len()), (2, Some(5), 0));
    (6..16).for_each(|seq| {
        give(&mut core, batch(seq, &[seq]));
    });
    assert_eq!(core.out.len(), 1);
}

#[test]
fn a_stream_resumes_behind_its_cursor() {
    let mut core = open_core(StreamOptions { from: From::First, ..StreamOptions::default() }, 1, 9);
    give(&mut core, batch(5, &[]));
    core.begin(Instant::now());
    assert_eq!(core.out, [open_message(&core.options, &From::Seq(6), false)]);
    assert_eq!(core.receive(opened(LOG, 6, 9), Instant::now()), Ok(Session::GoesOn));
    assert!(core.receive(batch(3, &[]), Instant::now()).is_err(), "upto went back");
}

#[test]
fn the_latest_are_told_once_and_the_stream_goes_on_from_its_begin() {
    let mut core = open_core(StreamOptions { latest: true, ..StreamOptions::default() }, 10, 9);
    give(&mut core, batch(9, &[3]));
    assert_eq!(core.cursor(), None);
    core.begin(Instant::now());
    give(&mut core, opened(LOG, 10, 9));
    give(&mut core, batch(9, &[3, 7]));
    give(&mut core, batch(11, &[11]));
    assert_eq!((core.told.len(), core.cursor()), (3, Some(11)));
}

#[test]
fn holes_ends_and_other_logs_are_told() {
    let ends = StreamOptions { from: From::First, ends_at_head: true, ..StreamOptions::default() };
    let mut core = open_core(ends, 1, 9);
    give(&mut core, numbers("hole", &[1, 4]));
    assert_eq!(give(&mut core, numbers("end", &[9])), Session::Over);
    assert_eq!(core.told, [Message::Hole { first: 1, last: 4 }, Message::End { last: 9 }]);

    let other = LOG.replace('0', "f");
    let mut core = open_core(StreamOptions::default(), 10, 9);
    core.begin(Instant::now());
    assert_eq!(give(&mut core, opened(&other, 10, 20)), Session::Over);
    assert!(matches!(core.told[0], Message::Reset { .. }));
    core.begin(Instant::now());
    assert_eq!(core.out, [open_message(&core.options, &From::First, false)]);

    let keeps = StreamOptions { from: From::Seq(1), log_id: Some(LOG.to_string()), ..StreamOptions::default() };
    let mut core = open_core(keeps, 1, 9);
    core.begin(Instant::now());
    assert_eq!(core.receive(opened(&other, 1, 20), Instant::now()), Err(Error::OtherLog));
}

#[test]
fn a_silent_stream_is_asked_for_and_told_as_lost() {
    let mut core = open_core(StreamOptions::default(), 1, 0);
    core.out.clear();
    let now = core.pulse.heard;
    for step in 0..10 {
        assert_eq!(core.tick(now + step * Duration::from_millis(490), true), Session::GoesOn);
    }
    assert!(core.out.len() >= 2 && core.told.is_empty());
    assert_eq!(core.tick(now + Duration::from_millis(5100), true), Session::Over);
    assert_eq!(core.told, [Message::Lost]);
}

#[test]
fn what_is_handled_is_what_was_told_and_taken() {
    let options = StreamOptions { from: From::First, ..StreamOptions::default() };
    let mut core = open_core(options, 1, 9);
    assert_eq!(core.handled(), None, "nothing was told");
    give(&mut core, batch(5, &[2, 4]));
    assert_eq!(core.handled(), None, "two wait to be taken");
    core.told.clear();
    assert_eq!(core.handled(), Some(Cursor { log_id: LOG.to_string(), seq: 5 }));
    assert_eq!(open_core(StreamOptions::default(), 100, 9).handled(), None, "the log has not reached that");
}
