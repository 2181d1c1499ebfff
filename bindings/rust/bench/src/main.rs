//! How many events a second: publish, append and stream, and beside them the bare ZeroMQ crate that most use (`zmq`, over
//! libzmq), which sends and receives the same bytes, one event a frame, through TCP.

use std::time::{Duration, Instant};
use tocsin::{AppenderOptions, Client, Event, From, Level, Message, StreamOptions, Value};

const COUNT: u32 = 200_000;

type Done = Result<(), Box<dyn std::error::Error>>;

fn event(number: u32) -> Event {
    let snapshot = [
        ("number", Value::from(number)),
        ("width", Value::from(1920)),
        ("codec", Value::from("H264")),
        ("rate", Value::from(29.97)),
    ];
    Event::new(Level::Info, "BenchEvent", "Measured", "#default#app/cam", "An event of the benchmark")
        .time("2026-11-21T09:30:00.125+09:00")
        .snapshot(snapshot)
}

fn report(what: &str, start: Instant) {
    println!("rust {what:8} {:9.0} events/s", f64::from(COUNT) / start.elapsed().as_secs_f64());
}

#[tokio::main]
async fn main() -> Done {
    let client = Client::new(&std::env::var("TOCSIN_SERVER")?);
    bare()?;
    publish(&client).await?;
    append(&client).await?;
    stream(&client).await
}

async fn publish(client: &Client) -> Done {
    let publisher = client.publisher().await?;
    let start = Instant::now();
    for number in 0..COUNT {
        publisher.publish(&event(number)).await?;
    }
    publisher.flush().await;
    report("publish", start);
    Ok(publisher.close().await?)
}

async fn append(client: &Client) -> Done {
    let options = AppenderOptions { close_timeout: Duration::from_secs(60), ..AppenderOptions::default() };
    let appender = client.appender_with("bench", options).await?;
    let start = Instant::now();
    for number in 0..COUNT {
        appender.append(&event(number)).await?;
    }
    appender.close().await?;
    report("append", start);
    Ok(())
}

async fn stream(client: &Client) -> Done {
    let mut stream = client.stream(StreamOptions { from: From::First, ..StreamOptions::default() }).await?;
    let start = Instant::now();
    let mut read = 0;
    while read < COUNT {
        read += u32::from(matches!(stream.next().await.ok_or("ended")??, Message::Event(_)));
    }
    report("stream", start);
    Ok(())
}

fn bare() -> Done {
    let bytes = event(1).encode()?;
    let context = zmq::Context::new();
    let pull = context.socket(zmq::PULL)?;
    pull.bind("tcp://127.0.0.1:*")?;
    let endpoint = pull.get_last_endpoint()?.map_err(|_| "no endpoint")?;
    let push = context.socket(zmq::PUSH)?;
    let start = Instant::now();
    let sending = std::thread::spawn(move || -> zmq::Result<()> {
        push.connect(&endpoint)?;
        (0..COUNT).try_for_each(|_| push.send(bytes.as_slice(), 0))
    });
    for _ in 0..COUNT {
        pull.recv_bytes(0)?;
    }
    report("zmq", start);
    Ok(sending.join().map_err(|_| "the sender failed")??)
}
