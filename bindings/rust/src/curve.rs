use crate::Error;
use omq_proto::{CurveKeypair, CurvePublicKey, CurveSecretKey, MechanismSetup};
use std::fmt;

/// The broker's public key, and the client's own secret key.
#[derive(Clone)]
pub struct CurveKeys {
    server_key: CurvePublicKey,
    secret_key: CurveSecretKey,
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
        Ok(CurveKeys {
            server_key: CurvePublicKey::from_z85(server_key).map_err(|_| invalid("server's public"))?,
            secret_key: CurveSecretKey::from_z85(secret_key).map_err(|_| invalid("secret"))?,
        })
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

    pub(crate) fn mechanism(&self) -> MechanismSetup {
        let our_keypair = CurveKeypair { public: self.secret_key.derive_public(), secret: self.secret_key.clone() };
        MechanismSetup::CurveClient { our_keypair, server_public: self.server_key }
    }
}

/// Finds a line such as `secret-key = "…"`.
fn read_key(path: &str, name: &str) -> Result<String, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::Invalid(format!("{path}: {error}")))?;
    let found = text.lines().filter_map(|line| line.split_once('=')).find(|pair| pair.0.trim() == name);
    let (_, value) = found.ok_or_else(|| Error::Invalid(format!("{path}: there is no {name}")))?;
    Ok(value.trim().trim_matches('"').to_string())
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
