//! Reads the log from its first event on, and follows it: follow SERVER [COUNT [CURSOR_FILE]]. With a cursor's file the next
//! run goes on where this one ended.

use tocsin::{Client, From, Message, StreamOptions};

#[tokio::main]
async fn main() -> Result<(), tocsin::Error> {
    let mut args = std::env::args().skip(1);
    let server = args.next().unwrap_or_else(|| "127.0.0.1:5560".to_string());
    let mut left = args.next().and_then(|count| count.parse().ok()).unwrap_or(u64::MAX);
    let cursor_file = args.next().map(Into::into);
    let options = StreamOptions { from: From::First, cursor_file, ..StreamOptions::default() };
    let mut stream = Client::new(&server).stream(options).await?;
    while let Some(message) = stream.next().await {
        match message? {
            Message::Event(record) => {
                println!("{} {} {} {}", record.seq, record.event.level, record.event.topic(), record.event.summary);
                left -= 1;
            }
            Message::Hole { first, last } => println!("the log no longer holds {first} to {last}"),
            other => println!("{other:?}"),
        }
        if left == 0 {
            break;
        }
    }
    Ok(())
}
