//! CurveZMQ (ZeroMQ RFC 26), the client's side, and its keys.

use crate::zmtp::{protocol, Fault};
use crate::Error;
use crypto_box::aead::rand_core::RngCore;
use crypto_box::aead::{Aead, OsRng};
use crypto_box::{Nonce, PublicKey, SalsaBox, SecretKey};
use std::sync::Arc;
use std::{fmt, io};

/// The broker's public key, and the client's own secret key.
#[derive(Clone)]
pub struct CurveKeys {
    server_key: PublicKey,
    secret_key: SecretKey,
}

impl fmt::Debug for CurveKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CurveKeys")
    }
}

impl CurveKeys {
    /// Reads keys as ZeroMQ writes them: Z85, 40 characters each.
    pub fn parse(server_key: &str, secret_key: &str) -> Result<CurveKeys, Error> {
        let invalid = |which: &str| Error::Invalid(format!("the {which} key is not Z85 of 40 characters"));
        let server = decode_z85(server_key).ok_or_else(|| invalid("server's public"))?;
        let secret = decode_z85(secret_key).ok_or_else(|| invalid("secret"))?;
        Ok(CurveKeys { server_key: PublicKey::from(server), secret_key: SecretKey::from(secret) })
    }

    /// Reads the client's own secret file, as `tocsin keygen` and czmq write it, and takes the broker's public key from a
    /// file or as its 40 characters.
    pub fn read(secret_file: &str, server_key: &str) -> Result<CurveKeys, Error> {
        let secret = read_key(secret_file, "secret-key")?;
        match server_key.len() {
            40 => CurveKeys::parse(server_key, &secret),
            _ => CurveKeys::parse(&read_key(server_key, "public-key")?, &secret),
        }
    }
}

/// Finds a line such as `secret-key = "…"`.
fn read_key(path: &str, name: &str) -> Result<String, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::Invalid(format!("{path}: {error}")))?;
    let found = text.lines().filter_map(|line| line.split_once('=')).find(|pair| pair.0.trim() == name);
    let (_, value) = found.ok_or_else(|| Error::Invalid(format!("{path}: there is no {name}")))?;
    Ok(value.trim().trim_matches('"').to_string())
}

fn decode_z85(text: &str) -> Option<[u8; 32]> {
    const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    let mut out = [0; 32];
    if text.len() != 40 {
        return None;
    }
    for (group, bytes) in text.as_bytes().chunks(5).zip(out.chunks_mut(4)) {
        let mut value: u64 = 0;
        for c in group {
            value = value * 85 + DIGITS.iter().position(|digit| digit == c)? as u64;
        }
        bytes.copy_from_slice(&u32::try_from(value).ok()?.to_be_bytes());
    }
    Some(out)
}

fn nonce(prefix: &[u8], rest: &[u8]) -> Nonce {
    let mut bytes = [0; 24];
    bytes[..prefix.len()].copy_from_slice(prefix);
    bytes[prefix.len()..].copy_from_slice(rest);
    bytes.into()
}

fn sealed(with: &SalsaBox, nonce: &Nonce, plain: &[u8]) -> Result<Vec<u8>, Fault> {
    with.encrypt(nonce, plain).map_err(|_| Fault::Protocol("sealing failed".to_string()))
}

pub(crate) struct Handshake<'a> {
    keys: &'a CurveKeys,
    own: SecretKey, // for this connection only
    shared: Option<SalsaBox>,
    sent: u64, // nonces used
}

impl<'a> Handshake<'a> {
    pub fn new(keys: &'a CurveKeys) -> Self {
        Handshake { keys, own: SecretKey::generate(&mut OsRng), shared: None, sent: 0 }
    }

    fn short(&mut self) -> [u8; 8] {
        self.sent += 1;
        self.sent.to_be_bytes()
    }

    pub fn hello(&mut self) -> Result<Vec<u8>, Fault> {
        let short = self.short();
        let with = SalsaBox::new(&self.keys.server_key, &self.own);
        let signature = sealed(&with, &nonce(b"CurveZMQHELLO---", &short), &[0; 64])?;
        Ok([b"\x05HELLO\x01\0", [0u8; 72].as_slice(), self.own.public_key().as_bytes(), &short, &signature].concat())
    }

    /// Takes the server's key for this connection, and shows our own.
    pub fn initiate(&mut self, welcome: &[u8], metadata: &[u8]) -> Result<Vec<u8>, Fault> {
        if welcome.len() != 160 {
            return protocol("WELCOME");
        }
        let with = SalsaBox::new(&self.keys.server_key, &self.own);
        let plain = with
            .decrypt(&nonce(b"WELCOME-", &welcome[..16]), &welcome[16..])
            .map_err(|_| Fault::Denied("the broker's key is another one".to_string()))?;
        let (key, cookie) = plain.split_at(32);
        let server = PublicKey::from_slice(key).map_err(|_| Fault::Protocol("WELCOME".to_string()))?;
        let mut long = [0; 16];
        OsRng.fill_bytes(&mut long);
        let vouched = [self.own.public_key().as_bytes().as_slice(), self.keys.server_key.as_bytes()].concat();
        let vouch = sealed(&SalsaBox::new(&server, &self.keys.secret_key), &nonce(b"VOUCH---", &long), &vouched)?;
        let plain = [self.keys.secret_key.public_key().as_bytes().as_slice(), &long, &vouch, metadata].concat();
        let shared = SalsaBox::new(&server, &self.own);
        let short = self.short();
        let body = sealed(&shared, &nonce(b"CurveZMQINITIATE", &short), &plain)?;
        self.shared = Some(shared);
        Ok([b"\x08INITIATE".as_slice(), cookie, &short, &body].concat())
    }

    /// The server's metadata, and what opens and seals from now on.
    pub fn ready(self, body: &[u8]) -> Result<(Vec<u8>, Opener, Sealer), Fault> {
        let (Some(shared), Some((short, sealed))) = (self.shared, body.split_at_checked(8)) else {
            return protocol("READY");
        };
        let properties = shared
            .decrypt(&nonce(b"CurveZMQREADY---", short), sealed)
            .map_err(|_| Fault::Protocol("READY".to_string()))?;
        let shared = Arc::new(shared);
        let opener = Opener { shared: Arc::clone(&shared), last: number_of(short) };
        Ok((properties, opener, Sealer { shared, sent: self.sent }))
    }
}

fn number_of(short: &[u8]) -> u64 {
    short.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

pub(crate) struct Opener {
    shared: Arc<SalsaBox>,
    last: u64,
}

impl Opener {
    /// The flags and the payload of a MESSAGE.
    pub fn open(&mut self, body: &[u8]) -> Result<(u8, Vec<u8>), Fault> {
        let Some((short, sealed)) = body.strip_prefix(b"\x07MESSAGE").and_then(|rest| rest.split_at_checked(8)) else {
            return protocol("MESSAGE");
        };
        let number = number_of(short);
        if number <= self.last {
            return protocol("a repeated nonce");
        }
        self.last = number;
        let plain = self.shared.decrypt(&nonce(b"CurveZMQMESSAGES", short), sealed);
        match plain.as_deref().ok().and_then(<[u8]>::split_first) {
            Some((flags, payload)) => Ok((*flags, payload.to_vec())),
            None => protocol("MESSAGE"),
        }
    }
}

pub(crate) struct Sealer {
    shared: Arc<SalsaBox>,
    sent: u64,
}

impl Sealer {
    pub fn seal(&mut self, payload: &[u8]) -> io::Result<Vec<u8>> {
        self.sent += 1;
        let short = self.sent.to_be_bytes();
        let plain = [&[0], payload].concat();
        let body = self
            .shared
            .encrypt(&nonce(b"CurveZMQMESSAGEC", &short), plain.as_slice())
            .map_err(|_| io::Error::other("sealing failed"))?;
        Ok([b"\x07MESSAGE".as_slice(), &short, &body].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_z85_of_40_characters() {
        let key = "^l]%^]nqEguW7LxY?%g:?+gXcz0gQi/oC#RvITu3";
        assert!(CurveKeys::parse(key, key).is_ok());
        for bad in
            ["", &key[1..], "#####]nqEguW7LxY?%g:?+gXcz0gQi/oC#RvITu3", "~l]%^]nqEguW7LxY?%g:?+gXcz0gQi/oC#RvITu3"]
        {
            assert!(CurveKeys::parse(bad, key).is_err(), "{bad}");
        }
    }
}
