use super::*;

const LOG: &str = "0123456789abcdef0123456789abcdef";

fn welcome(last: u64, window: u64) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_array(5);
    out.put_str("welcome");
    out.put_uint(1);
    out.put_str(LOG);
    out.put_uint(last);
    out.put_uint(window);
    out
}

fn answer(verb: &str, n: u64, seq: Option<u64>, texts: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_array(2 + usize::from(seq.is_some()) + texts.len());
    out.put_str(verb);
    out.put_uint(n);
    if let Some(seq) = seq {
        out.put_uint(seq);
    }
    texts.iter().for_each(|text| out.put_str(text));
    out
}

fn welcomed(last: u64, window: u64, events: usize) -> (Core, Vec<oneshot::Receiver<Result<Receipt, Error>>>) {
    let mut core = Core::new("p", 1);
    core.hello(Instant::now());
    assert!(core.receive(&welcome(last, window), Instant::now()));
    let pending = (0..events).map(|_| {
        let (settle, settled) = oneshot::channel();
        core.add(vec![0xc0], settle);
        settled
    });
    let pending = pending.collect();
    (core, pending)
}

fn expect_put(core: &mut Core, n: u64, count: usize) {
    let put = core.put().expect("a put");
    let mut reader = Reader::new(&put);
    assert_eq!((reader.array(), reader.str(), reader.uint()), (Some(3), Some("put"), Some(n)));
    assert_eq!(reader.array(), Some(count as u32));
}

#[test]
fn a_put_keeps_to_the_window_and_an_ack_opens_it() {
    let (mut core, mut pending) = welcomed(7, 2, 3);
    expect_put(&mut core, 8, 2);
    assert!(core.put().is_none());
    assert!(core.receive(&answer("nack", 8, None, &["value", "level", "text"]), Instant::now()));
    assert!(core.receive(&answer("ack", 9, Some(100), &["00ff"]), Instant::now()));
    let refusal = Refusal { code: Code::Value, field: "level".to_string() };
    assert_eq!(pending[0].try_recv().unwrap(), Err(Error::Refused(refusal)));
    assert_eq!(pending[1].try_recv().unwrap(), Ok(Receipt { n: 9, seq: 100, hash: "00ff".to_string() }));
    expect_put(&mut core, 10, 1);
    assert!(!core.receive(&answer("ack", 11, Some(100), &[""]), Instant::now()), "never sent");
}

#[test]
fn after_a_break_only_what_the_broker_does_not_have_is_sent_again() {
    let (mut core, mut pending) = welcomed(0, 100, 3);
    expect_put(&mut core, 1, 3);
    core.hello(Instant::now());
    assert!(core.put().is_none(), "nothing before the welcome");
    assert!(core.receive(&welcome(2, 100), Instant::now()));
    assert!(pending[1].try_recv().unwrap().is_ok());
    expect_put(&mut core, 3, 1);
    assert!(!core.receive(&welcome(9, 100), Instant::now()));
    assert_eq!(core.failed, Some(Error::Fenced), "numbers that were never given out");
}

#[test]
fn fenced_is_for_good_and_busy_is_not() {
    for (code, failed) in [("fenced", Some(Error::Fenced)), ("busy", None), ("unavailable", None), ("order", None)] {
        let (mut core, _) = welcomed(0, 1, 0);
        let mut error = Vec::new();
        error.put_array(3);
        ["error", code, "text"].iter().for_each(|text| error.put_str(text));
        assert!(!core.receive(&error, Instant::now()));
        assert_eq!(core.failed, failed, "{code}");
    }
}

#[test]
fn a_silent_broker_is_asked_and_then_given_up() {
    let (mut core, _) = welcomed(0, 1, 0);
    let now = core.heard;
    assert_eq!(core.tick(now + Duration::from_secs(1)), (None, true));
    assert!(core.tick(now + Duration::from_secs(4)).0.is_some());
    assert!(!core.tick(now + Duration::from_secs(9)).1);
}
