use std::fmt;

/// Why an event is refused (PROTOCOL.md section 1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    Malformed,
    Type,
    Missing,
    Unknown,
    Duplicate,
    Value,
    Length,
    Depth,
    Utf8,
    Unsupported,
}

const CODES: [(Code, &str, &str); 10] = [
    (Code::Malformed, "malformed", "is no MessagePack, or is cut short"),
    (Code::Type, "type", "has the wrong type"),
    (Code::Missing, "missing", "is required and missing"),
    (Code::Unknown, "unknown", "is no key of an event"),
    (Code::Duplicate, "duplicate", "holds a key twice"),
    (Code::Value, "value", "has a value that is not allowed"),
    (Code::Length, "length", "is too long, or empty"),
    (Code::Depth, "depth", "is nested too deep"),
    (Code::Utf8, "utf8", "is not valid UTF-8"),
    (
        Code::Unsupported,
        "unsupported",
        "holds what JSON cannot: bin, ext, NaN, infinity, U+0000 or a key that is no string",
    ),
];

impl Code {
    /// The protocol's word, "value".
    pub fn word(self) -> &'static str {
        CODES[self as usize].1
    }

    pub(crate) fn of_word(word: &str) -> Option<Code> {
        CODES.iter().find(|row| row.1 == word).map(|row| row.0)
    }
}

/// Why an event is none: the code, and the key concerned, empty where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub field: String,
}

impl Refusal {
    pub(crate) fn new(code: Code, field: &str) -> Self {
        Refusal { code, field: field.to_string() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, word, text) = CODES[self.code as usize];
        match self.field.as_str() {
            "" => write!(f, "the event {text} ({word})"),
            field => write!(f, "{field:?} {text} ({word})"),
        }
    }
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No broker answered in time; why, as far as that is known.
    Unreachable(String),
    /// The broker, or its access file, does not let this client in; or its keys do not fit.
    Denied(String),
    /// The handle was closed, or its runtime is gone.
    Closed,
    /// A newer incarnation of this producer is there.
    Fenced,
    /// No room in the queue in time; the event was not taken.
    Full,
    /// An argument that cannot be.
    Invalid(String),
    /// The event breaks a rule.
    Refused(Refusal),
    /// What came is nothing that a broker of this protocol says.
    Protocol(String),
    /// The broker writes another log than the one that the cursor belongs to.
    OtherLog,
    /// The cursor's file is no cursor, another process uses it, or it cannot be written.
    Cursor(String),
    /// The handle was closed before all events were settled, or sent; so many may be lost.
    Unsettled(u64),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unreachable(why) if why.is_empty() => write!(f, "the broker cannot be reached"),
            Error::Unreachable(why) => write!(f, "the broker cannot be reached: {why}"),
            Error::Denied(why) => write!(f, "denied: {why}"),
            Error::Closed => write!(f, "closed"),
            Error::Fenced => write!(f, "a newer incarnation of this producer is there"),
            Error::Full => write!(f, "the queue is full"),
            Error::Invalid(why) => write!(f, "invalid argument: {why}"),
            Error::Refused(refusal) => write!(f, "the event was refused: {refusal}"),
            Error::Protocol(why) => write!(f, "the peer broke the protocol: {why}"),
            Error::OtherLog => write!(f, "the broker writes another log than the one that the cursor belongs to"),
            Error::Cursor(why) => write!(f, "the cursor's file {why}"),
            Error::Unsettled(count) => write!(f, "{count} events were not settled and may be lost"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::Refused(refusal)
    }
}

pub(crate) fn protocol(what: &str) -> Error {
    Error::Protocol(what.to_string())
}
