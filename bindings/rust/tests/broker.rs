//! Against a real broker process: TOCSIN_BUILD_DIR names the build directory that holds broker/tocsind.

use futures_util::StreamExt;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tocsin::{
    AppenderOptions, Client, Code, Error, Event, Filter, From, Level, Message, PublisherOptions, Record, StreamOptions,
    Value, Wanted,
};
use tokio::sync::Semaphore;

/// A broker process under the control of broker.py, on four ports in a row, the same ones over all its lives.
struct Broker {
    server: String,
    program: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Broker {
    fn start() -> (Broker, Client) {
        let mut command = Command::new("python3");
        command.args([concat!(env!("CARGO_MANIFEST_DIR"), "/../broker.py"), "--control"]);
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3");
        let said = BufReader::new(program.stdout.take().unwrap()).lines();
        let mut broker = Broker { server: String::new(), program, said };
        broker.server = broker.expect("ready").split(' ').nth(1).unwrap().to_string();
        let client = Client::new(&broker.server).connect_timeout(Duration::from_secs(30));
        (broker, client)
    }

    fn expect(&mut self, word: &str) -> String {
        let line = self.said.next().expect("broker.py has ended").unwrap();
        assert!(line.starts_with(word), "broker.py says {line}, not {word}");
        line
    }

    /// kill -9
    fn kill(&mut self) {
        writeln!(self.program.stdin.as_ref().unwrap(), "kill").unwrap();
        self.expect("killed");
    }

    fn restart(&mut self) {
        writeln!(self.program.stdin.as_ref().unwrap(), "start").unwrap();
        self.expect("ready");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.program.stdin.take());
        let _ = self.program.wait();
    }
}

fn numbered(number: i64) -> Event {
    let source = format!("source-{}", number % 7);
    Event::new(Level::Info, "TestEvent", "Numbered", &source, &format!("event {number}"))
        .snapshot([("number", Value::from(number))])
}

/// Fails a test that hangs.
async fn soon<T>(what: impl std::future::Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("not within a minute")
}

async fn take(
    messages: &mut (impl futures_core::Stream<Item = Result<Message, Error>> + Unpin),
    count: usize,
) -> Vec<Record> {
    let mut records = Vec::new();
    while records.len() < count {
        match soon(messages.next()).await.expect("the stream ended").unwrap() {
            Message::Event(record) if record.event.category == "TestEvent" => records.push(record),
            Message::Event(_) => {}
            other => panic!("told: {other:?}"),
        }
    }
    records
}

fn expect_numbers(records: &[Record]) {
    for (wanted, record) in (0..).zip(records) {
        let number = record.event.snapshot.as_ref().and_then(|snapshot| snapshot.get("number"));
        assert_eq!(number, Some(&Value::from(wanted)), "seq {}", record.seq);
    }
}

#[tokio::test]
async fn what_is_published_comes_live_and_by_stream() {
    let (_broker, client) = Broker::start();
    let mut subscriber = client.subscribe(Wanted::default()).await.unwrap();
    let publisher = client.publisher().await.unwrap();
    for number in 0..5000 {
        publisher.publish(&numbered(number)).await.unwrap();
    }
    publisher.close().await.unwrap();
    let live = take(&mut subscriber, 5000).await;
    expect_numbers(&live);
    let options = StreamOptions {
        from: From::First,
        wanted: Filter::category("TestEvent").into(),
        ends_at_head: true,
        ..StreamOptions::default()
    };
    let mut stream = client.stream(options).await.unwrap();
    let replayed = take(&mut stream, 5000).await;
    assert!(replayed == live, "the log has the same as came live");
    assert!(matches!(soon(stream.next()).await, Some(Ok(Message::End { .. }))));
    assert!(soon(stream.next()).await.is_none());
}

#[tokio::test]
async fn the_first_event_of_a_publisher_is_not_lost() {
    let (_broker, client) = Broker::start();
    let mut subscriber = client.subscribe(Filter::source("TestEvent", "source-3")).await.unwrap();
    for _ in 0..20 {
        let options = PublisherOptions { collects_nothing: true, ..PublisherOptions::default() };
        let publisher = client.publisher_with(options).await.unwrap();
        publisher.publish(&numbered(3)).await.unwrap();
        publisher.close().await.unwrap();
    }
    take(&mut subscriber, 20).await;
}

#[tokio::test]
async fn appended_is_in_the_log_with_a_receipt() {
    let (_broker, client) = Broker::start();
    let appender = client.appender("p").await.unwrap();
    let first = appender.append(&numbered(0)).await.unwrap();
    assert_eq!(first.n(), 1);
    let receipt = soon(first).await.unwrap();
    assert!(receipt.n == 1 && receipt.seq > 0 && receipt.hash.len() == 32, "{receipt:?}");
    let refused = appender.append(&Event::new(Level::Info, "no good", "T", "s", "")).await;
    match refused.err() {
        Some(Error::Refused(refusal)) => assert_eq!((refusal.code, refusal.field.as_str()), (Code::Value, "category")),
        other => panic!("{other:?}"),
    }
    appender.close().await.unwrap();
    let again = client.appender("p").await.unwrap();
    assert_eq!(again.append(&numbered(1)).await.unwrap().n(), 2);
    let newer = client.appender("p").await.unwrap();
    let fenced = soon(async { again.append(&numbered(2)).await?.await }).await;
    assert_eq!(fenced.err(), Some(Error::Fenced));
    assert_eq!(again.close().await, Err(Error::Fenced));
    newer.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_killed_loses_and_doubles_nothing() {
    const COUNT: i64 = 6000;
    let (mut broker, client) = Broker::start();
    let options = StreamOptions {
        wanted: Filter::category("TestEvent").into(),
        silence_timeout: Duration::from_secs(60),
        ..StreamOptions::default()
    };
    let mut stream = client.stream(options).await.unwrap();
    let mut subscriber = client.subscribe(Wanted::default()).await.unwrap();
    let options = AppenderOptions { close_timeout: Duration::from_secs(60), ..AppenderOptions::default() };
    let appender = client.appender_with("p", options).await.unwrap();
    let ahead = Arc::new(Semaphore::new(400)); // so many appended and not read at most: a kill comes in the middle
    let may_append = Arc::clone(&ahead);
    let appending = tokio::spawn(async move {
        for number in 0..COUNT {
            may_append.acquire().await.unwrap().forget();
            appender.append(&numbered(number)).await?;
        }
        appender.close().await
    });
    let mut records = Vec::new();
    while records.len() < COUNT as usize {
        records.extend(take(&mut stream, 1).await);
        ahead.add_permits(1);
        if [500, 2500].contains(&records.len()) {
            broker.kill();
            broker.restart();
        }
    }
    soon(appending).await.unwrap().unwrap();
    expect_numbers(&records);
    let last = records[records.len() - 1].seq;
    let info = client.info().await.unwrap();
    assert!(stream.cursor().unwrap() >= last && info.head >= last && info.log_id == stream.log_id());
    // Live, what came is in order, and the rest is told by gaps: where everything is wanted, exactly.
    let (mut begin, mut counted) = (None, 0);
    while begin.is_none_or(|begin| counted < last - begin) {
        let (seq, count) = match soon(subscriber.next()).await.unwrap() {
            Message::Event(record) => (record.seq, 1),
            Message::Gap { first, at_least, .. } => (first, at_least),
            _ => continue,
        };
        counted += count;
        begin.get_or_insert(seq - 1);
    }
}

#[tokio::test]
async fn a_stream_begins_where_it_is_told_to() {
    let (_broker, client) = Broker::start();
    let appender = client.appender("p").await.unwrap();
    let mut receipts = Vec::new();
    for number in 0..10 {
        receipts.push(soon(appender.append(&numbered(number)).await.unwrap()).await.unwrap());
    }
    let info = client.info().await.unwrap();
    let log_id = Some(info.log_id.clone());
    let default = StreamOptions::default;
    let first = || StreamOptions { from: From::First, ..default() };
    let wanted = |wanted: Wanted| StreamOptions { wanted, ..first() };
    let later = SystemTime::now() + Duration::from_secs(3600);
    let cases = [
        ("first", first(), 10),
        ("seq", StreamOptions { from: From::Seq(receipts[4].seq), log_id, ..default() }, 6),
        ("last", StreamOptions { from: From::Last(3), ..default() }, 3),
        ("time", StreamOptions { from: From::Time(later), ..default() }, 0),
        ("long ago", StreamOptions { from: From::Time(UNIX_EPOCH), ..default() }, 10),
        ("new", default(), 0),
        ("latest", StreamOptions { latest: true, wanted: Filter::category("TestEvent").into(), ..default() }, 7),
        ("source", wanted(Filter::source("", "source-1").into()), 2),
        ("type", wanted(Wanted { types: vec!["Other".to_string()], ..Wanted::default() }), 0),
        ("level", wanted(Wanted { min_level: Some(Level::Warning), ..Wanted::default() }), 0),
        ("exclude", wanted(Wanted { exclude: vec![Filter::category("TestEvent")], ..Wanted::default() }), 0),
        ("credit", StreamOptions { credit_bytes: 1, ..first() }, 10),
    ];
    for (name, options, count) in cases {
        let mut stream = client.stream(StreamOptions { ends_at_head: true, ..options }).await.unwrap();
        let mut found = 0;
        while let Some(message) = soon(stream.next()).await {
            match message.unwrap() {
                Message::Event(record) => found += usize::from(record.event.category == "TestEvent"),
                other => assert!(matches!(other, Message::End { .. }), "{name}: {other:?}"),
            }
        }
        assert_eq!((found, stream.cursor()), (count, Some(info.head)), "{name}");
    }
    let other = StreamOptions { from: From::Seq(1), log_id: Some("0".repeat(32)), ..default() };
    assert_eq!(client.stream(other).await.err(), Some(Error::OtherLog));
    let latest = client.latest(Filter::category("TestEvent")).await.unwrap();
    assert_eq!((latest.len(), latest[6].seq), (7, receipts[9].seq));
    assert!(client.latest(Wanted::default()).await.unwrap().len() > 7);
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_a_clear_error() {
    let client = Client::new("127.0.0.1:1").connect_timeout(Duration::from_millis(300));
    let errors = [
        client.publisher().await.err(),
        client.appender("p").await.err(),
        client.subscribe(Wanted::default()).await.err(),
        client.stream(StreamOptions::default()).await.err(),
        client.info().await.err(),
    ];
    for error in errors {
        match error {
            Some(Error::Unreachable(why)) => assert!(why.contains("refused"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(client.appender("no good").await.err(), Some(Error::Invalid(_))));
    assert!(matches!(Client::new("h:99999").info().await.err(), Some(Error::Invalid(_))));
}

#[tokio::test]
async fn another_door_is_a_clear_error() {
    let (broker, client) = Broker::start();
    let client = client.live_endpoint(&format!("tcp://{}", broker.server));
    let error = client.connect_timeout(Duration::from_millis(300)).subscribe(Wanted::default()).await.err();
    assert!(matches!(error, Some(Error::Protocol(_))), "{error:?}");
}

#[tokio::test]
async fn events_wait_while_the_broker_is_away() {
    let (mut broker, client) = Broker::start();
    let send_timeout = Duration::from_millis(50);
    let options = PublisherOptions { queue_bytes: 10_000, send_timeout, ..PublisherOptions::default() };
    let publisher = client.publisher_with(options).await.unwrap();
    broker.kill();
    let mut taken = 0;
    let error = loop {
        match publisher.publish(&numbered(taken)).await {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error, Error::Full);
    broker.restart();
    soon(publisher.flush()).await;
    assert_eq!(publisher.waiting(), 0);
    let mut stream = client.stream(StreamOptions { from: From::First, ..StreamOptions::default() }).await.unwrap();
    let last = numbered(taken - 1).summary;
    soon(async { while take(&mut stream, 1).await[0].event.summary != last {} }).await;
    publisher.close().await.unwrap();
}

#[tokio::test]
async fn a_cursor_file_goes_on_where_the_last_run_ended() {
    let (mut broker, client) = Broker::start();
    let folder = std::env::temp_dir().join(format!("tocsin-rust-resume-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let appender = client.appender("p").await.unwrap();
    for number in 0..10 {
        appender.append(&numbered(number)).await.unwrap();
    }
    appender.close().await.unwrap();
    let options = StreamOptions {
        from: From::First,
        wanted: Filter::category("TestEvent").into(),
        cursor_file: Some(folder.join("cursor")),
        ..StreamOptions::default()
    };
    let mut first = client.stream(options.clone()).await.unwrap();
    expect_numbers(&take(&mut first, 5).await);
    assert!(matches!(client.stream(options.clone()).await.err(), Some(Error::Cursor(_))), "in use");
    drop(first); // the fifth was told, and nobody has asked for more: it is not handled
    broker.kill();
    broker.restart();

    let mut second = client.stream(options.clone()).await.unwrap();
    let summaries: Vec<_> = take(&mut second, 6).await.into_iter().map(|record| record.event.summary).collect();
    assert_eq!(summaries, (4..10).map(|number| format!("event {number}")).collect::<Vec<_>>());
    second.commit(true).unwrap();
    drop(second);
    let mut third = client.stream(StreamOptions { ends_at_head: true, ..options.clone() }).await.unwrap();
    assert!(matches!(soon(third.next()).await, Some(Ok(Message::End { .. }))));
    drop(third);

    let by_hand = StreamOptions { cursor_file: Some(folder.join("by-hand")), commits_by_hand: true, ..options.clone() };
    let mut stream = client.stream(by_hand.clone()).await.unwrap();
    take(&mut stream, 3).await;
    stream.commit(false).unwrap();
    take(&mut stream, 4).await;
    drop(stream);
    assert_eq!(take(&mut client.stream(by_hand).await.unwrap(), 1).await[0].event.summary, "event 3");

    std::fs::write(folder.join("cursor"), format!("tocsin-cursor 1 {} 7\n", "0".repeat(32))).unwrap();
    assert_eq!(client.stream(options).await.err(), Some(Error::OtherLog));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[cfg(feature = "tracing")]
#[tokio::test]
async fn events_of_tracing_are_events() {
    use tracing_subscriber::prelude::*;
    let (_broker, client) = Broker::start();
    let mut subscriber = client.subscribe(Filter::category("LogEvent")).await.unwrap();
    let publisher = Arc::new(client.publisher().await.unwrap());
    let layer = tocsin::TocsinLayer::new(Arc::clone(&publisher), "billing");
    let dropped = layer.dropped();
    let registry = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(registry, || {
        tracing::warn!(target: "disk::guard", free = 0.5, count = 3, path = "/var", "disk\nnearly full");
    });
    let Ok(Message::Event(record)) = soon(subscriber.next()).await else { panic!("no event") };
    let event = record.event;
    assert_eq!(
        (event.level, event.event_type.as_str(), event.summary.as_str()),
        (Level::Warning, "disk.guard", "disk nearly full")
    );
    let snapshot = event.snapshot.unwrap();
    assert_eq!((snapshot.get("free"), snapshot.get("count")), (Some(&Value::from(0.5)), Some(&Value::from(3))));
    assert_eq!(dropped.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[test]
fn what_serde_knows_is_a_snapshot() {
    #[derive(serde::Serialize, serde::Deserialize, PartialEq, Debug)]
    struct Track {
        name: String,
        width: Option<u32>,
    }
    let tracks =
        vec![Track { name: "video".to_string(), width: Some(1920) }, Track { name: "audio".to_string(), width: None }];
    let value = Value::of(&tracks).unwrap();
    assert_eq!(value.to::<Vec<Track>>().unwrap(), tracks);
    assert!(Value::of(&f64::NAN).is_err());
    assert_eq!(tocsin::stream_id("v#w", "a", "s#t").unwrap(), "#v_w#a/s#t");
    assert_eq!(tocsin::Source::parse("#v#a/s/t"), tocsin::Source::Stream { vhost: "v", app: "a", stream: "s/t" });
}
