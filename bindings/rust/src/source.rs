use crate::judge::MAX_SOURCE_ID;
use crate::Error;

/// A sourceId taken apart. OvenMediaEngine writes `#vhost#app` and `#vhost#app/stream`; whatever else there is is a name: a
/// server id, a virtual host or anyone's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    Name(&'a str),
    App { vhost: &'a str, app: &'a str },
    Stream { vhost: &'a str, app: &'a str, stream: &'a str },
}

impl<'a> Source<'a> {
    /// Never fails: what is no application and no stream is a name.
    pub fn parse(source_id: &'a str) -> Source<'a> {
        let name = Source::Name(source_id);
        let Some((vhost, rest)) = source_id.strip_prefix('#').and_then(|rest| rest.split_once('#')) else {
            return name;
        };
        match rest.split_once('/') {
            _ if vhost.is_empty() => name,
            None if rest.is_empty() => name,
            None => Source::App { vhost, app: rest },
            Some((app, stream)) if app.is_empty() || stream.is_empty() => name,
            Some((app, stream)) => Source::Stream { vhost, app, stream },
        }
    }
}

/// Makes `#vhost#app`. A '#' in a part becomes '_', as OvenMediaEngine does it.
pub fn app_id(vhost: &str, app: &str) -> Result<String, Error> {
    check(&[vhost, app], format!("#{}#{}", vhost.replace('#', "_"), app.replace('#', "_")))
}

/// Makes `#vhost#app/stream`. The stream's name stays as it is.
pub fn stream_id(vhost: &str, app: &str, stream: &str) -> Result<String, Error> {
    let id = format!("#{}#{}/{stream}", vhost.replace('#', "_"), app.replace('#', "_"));
    check(&[vhost, app, stream], id)
}

fn check(parts: &[&str], id: String) -> Result<String, Error> {
    match parts.iter().any(|part| part.is_empty()) || id.len() > MAX_SOURCE_ID {
        true => Err(Error::Invalid(format!("the source {id:?}: a part is empty, or all is too long"))),
        false => Ok(id),
    }
}
