//! Appends an event, and waits until it is on the broker's disk: append SERVER.

use serde::Serialize;
use tocsin::{Client, Error, Event, Level, Value};

#[derive(Serialize)]
struct Invoice {
    number: u32,
    total: f64,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let server = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:5560".to_string());
    let appender = Client::new(&server).appender("billing-1").await?;
    let event = Event::new(Level::Info, "BillingEvent", "InvoiceSent", "billing", "Invoice 17 was sent")
        .snapshot(Value::of(&Invoice { number: 17, total: 12.5 })?);
    let receipt = appender.append(&event).await?.await?;
    println!("event {} is durable: seq {}, hash {}", receipt.n, receipt.seq, receipt.hash);
    appender.close().await
}
