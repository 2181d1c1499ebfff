//! The program of the matrix (bindings/README.md): publish, append, live and stream of events as JSON lines.

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Duration;
use tocsin::{AppenderOptions, Client, CurveKeys, Event, From, Message, Receipt, StreamOptions, Wanted};

type Done = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("matrix: {error}");
        std::process::exit(1);
    }
}

async fn run() -> Done {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(command), Some(server)) = (args.first(), args.get(1)) else {
        return Err("usage: matrix publish|append SERVER, matrix live|stream SERVER N".into());
    };
    let count: usize = args.get(2).map_or(Ok(0), |text| text.parse())?;
    let mut client = Client::new(server).connect_timeout(Duration::from_secs(30));
    if let Ok(server_key) = std::env::var("TOCSIN_CURVE_SERVER_KEY") {
        client = client.curve(CurveKeys::parse(&server_key, &std::env::var("TOCSIN_CURVE_SECRET_KEY")?)?);
    }
    match command.as_str() {
        "publish" => publish(&client).await,
        "append" => append(&client).await,
        "live" => live(&client, count).await,
        "stream" => stream(&client, count).await,
        _ => Err(format!("no such command: {command}").into()),
    }
}

/// Events of stdin, read by a thread, so that waiting for one holds nothing up.
fn events() -> tokio::sync::mpsc::Receiver<Result<Event, String>> {
    let (tell, events) = tokio::sync::mpsc::channel(100);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let event = line.map_err(|error| error.to_string());
            let event = event.and_then(|line| serde_json::from_str(&line).map_err(|error| error.to_string()));
            if tell.blocking_send(event).is_err() {
                return;
            }
        }
    });
    events
}

async fn publish(client: &Client) -> Done {
    let publisher = client.publisher().await?;
    let mut events = events();
    while let Some(event) = events.recv().await {
        publisher.publish(&event?).await?;
    }
    Ok(publisher.close().await?)
}

async fn append(client: &Client) -> Done {
    let producer = std::env::var("TOCSIN_PRODUCER").unwrap_or_else(|_| "matrix-rust".to_string());
    let options = AppenderOptions { close_timeout: Duration::from_secs(60), ..AppenderOptions::default() };
    let appender = client.appender_with(&producer, options).await?;
    let (mut events, mut under) = (events(), Vec::new());
    while let Some(event) = events.recv().await {
        under.push(appender.append(&event?).await?);
    }
    for pending in under {
        let Receipt { n, seq, hash } = pending.await?;
        println!("{{\"n\":{n},\"seq\":{seq},\"hash\":\"{hash}\"}}");
    }
    Ok(appender.close().await?)
}

async fn live(client: &Client, count: usize) -> Done {
    let mut subscriber = client.subscribe(Wanted::default()).await?;
    eprintln!("ready");
    let mut written = 0;
    while written < count {
        written += write(subscriber.next().await?)?;
    }
    Ok(())
}

async fn stream(client: &Client, count: usize) -> Done {
    let mut stream = client.stream(StreamOptions { from: From::Seq(1), ..StreamOptions::default() }).await?;
    let mut written = 0;
    while written < count {
        written += write(stream.next().await.ok_or("the stream ended")??)?;
    }
    Ok(())
}

/// How many events were written: one or none.
fn write(message: Message) -> Result<usize, Box<dyn Error>> {
    match message {
        Message::Event(record) if record.event.category != "BrokerEvent" => {
            let (topic, event) = (record.event.topic(), serde_json::to_string(&record.event)?);
            let mut out = std::io::stdout().lock();
            writeln!(out, "{{\"topic\":{},\"event\":{event}}}", serde_json::to_string(&topic)?)?;
            Ok(1)
        }
        Message::Gap { .. } | Message::Hole { .. } => Err(format!("events were lost: {message:?}").into()),
        _ => Ok(0),
    }
}
