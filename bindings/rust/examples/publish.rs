//! Publishes two events, one of them by its function of the catalog: publish SERVER.

use tocsin::{catalog, Client, Event, Level, Value};

#[tokio::main]
async fn main() -> Result<(), tocsin::Error> {
    let server = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:5560".to_string());
    let publisher = Client::new(&server).publisher().await?;
    let ended = "Connection from 192.0.2.7 ended";
    let event = catalog::core_tcp_disconnect("sip-1", ended, "192.0.2.7", 40312, "192.0.2.1", 5060, "tcp");
    publisher.publish(&event).await?;
    let snapshot = Value::from([("width", Value::from(1920)), ("tracks", Value::from(vec!["video", "audio"]))]);
    let event = Event::new(Level::Warning, "StreamEvent", "StreamCreated", "#default#app/cam", "A camera came");
    publisher.publish(&event.snapshot(snapshot)).await?;
    publisher.close().await
}
