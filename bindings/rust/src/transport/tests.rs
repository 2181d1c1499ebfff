use super::*;
use tokio::net::TcpListener;

/// What a peer greets with.
fn greeting(mechanism: &[u8]) -> [u8; 64] {
    let mut bytes = [0; 64];
    (bytes[0], bytes[9], bytes[10], bytes[11]) = (0xff, 0x7f, 3, 1);
    bytes[12..12 + mechanism.len()].copy_from_slice(mechanism);
    bytes
}

async fn listener() -> (TcpListener, Target) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    (listener, Target { endpoint, socket_type: SocketType::Dealer, max_bytes: 1000, curve: None })
}

/// A connection to a ROUTER, and its other end.
async fn connected() -> (Transport, TcpStream) {
    let (listener, target) = listener().await;
    let accepting = async {
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.write_all(&greeting(b"NULL")).await.unwrap();
        peer.write_all(b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06ROUTER").await.unwrap();
        let mut header = [0; 66];
        peer.read_exact(&mut header).await.unwrap();
        peer.read_exact(&mut vec![0; header[65] as usize]).await.unwrap();
        peer
    };
    let (transport, peer) = tokio::join!(dial(&target), accepting);
    (transport.unwrap_or_else(|fault| panic!("{fault:?}")), peer)
}

#[tokio::test]
async fn a_peer_with_another_mechanism_is_denied() {
    let (listener, target) = listener().await;
    let accepting = async {
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.write_all(&greeting(b"CURVE")).await.unwrap();
        peer
    };
    let (dialled, _peer) = tokio::join!(dial(&target), accepting);
    assert!(matches!(dialled.err(), Some(Fault::Denied(why)) if why.contains("CURVE") && why.contains("NULL")));
}

#[tokio::test]
async fn a_peer_that_speaks_something_else_is_a_fault() {
    let (listener, target) = listener().await;
    let accepting = async {
        let (mut peer, _) = listener.accept().await.unwrap();
        peer.write_all(b"HTTP/1.1 400 Bad Request\r\n").await.unwrap();
        peer
    };
    let (dialled, _peer) = tokio::join!(dial(&target), accepting);
    assert!(matches!(dialled.err(), Some(Fault::Protocol(_))));
}

#[tokio::test]
async fn a_frame_that_is_too_long_is_refused_before_it_has_come() {
    for (frame, is_taken) in [(&b"\x02\0\0\0\0\0\0\x03\xe8"[..], true), (b"\x02\0\0\0\0\0\0\x03\xe9", false)] {
        let (mut transport, mut peer) = connected().await;
        peer.write_all(frame).await.unwrap();
        if is_taken {
            peer.write_all(&[7; 1000]).await.unwrap();
        }
        let said = loop {
            match transport.take() {
                Ok(None) => {}
                said => break said,
            }
            if let Err(fault) = transport.turn(true).await {
                break Err(fault);
            }
        };
        match said {
            Ok(Some(Said::Message(message))) => assert!(is_taken && message == [7; 1000].as_slice()),
            said => assert!(!is_taken && matches!(said, Err(Fault::Protocol(_)))),
        }
    }
}

#[tokio::test]
async fn what_was_put_has_left_when_the_connection_is_idle_and_not_before() {
    const MUCH: usize = 64 << 20; // more than the system takes
    let (mut transport, mut peer) = connected().await;
    transport.put(vec![7; MUCH].into()).unwrap();
    transport.drain().await.unwrap();
    assert!(!transport.is_idle(), "nobody has read");
    let reading = tokio::spawn(async move {
        let (mut count, mut room) = (0, vec![0; 1 << 20]);
        while count < 9 + MUCH {
            count += peer.read(&mut room).await.unwrap();
        }
    });
    while !transport.is_idle() {
        transport.turn(true).await.unwrap();
    }
    reading.await.unwrap();
}
