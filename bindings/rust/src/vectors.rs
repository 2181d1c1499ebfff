//! Every case of proto/vectors.

use crate::judge::{judge, MAX_EVENT_BYTES};
use crate::message::RecordView;
use crate::time::format_us;
use crate::wire::Reader;
use crate::{Code, Event, Value};
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};

/// Calls `check` for every case of a folder.
fn each(folder: &str, least: usize, check: impl Fn(&str, &Value)) {
    let path = format!("{}/../../proto/vectors/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        let case: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        check(path.to_str().unwrap(), &case);
        count += 1;
    }
    assert!(count >= least, "{count} cases in {folder}");
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} of {case:?}"))
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bits(value: &Value) -> String {
    format!("{value:?}") // tells -0.0 from 0.0
}

#[test]
fn every_valid_event_is_read_and_goes_round() {
    each("valid", 200, |path, case| {
        let event = Event::decode(&hex(text(case, "bytes"))).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(event.topic(), text(case, "topic"), "{path}");
        let wanted: Event = serde_json::from_str(text(case, "log")).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(event, wanted, "{path}");
        assert_eq!(event.snapshot.as_ref().map(bits), wanted.snapshot.as_ref().map(bits), "{path}");
        assert_eq!(Event::decode(&event.encode().unwrap()).unwrap(), event, "{path}");
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event, "{path}");
    });
}

fn verdict(bytes: &[u8], max_bytes: usize) -> (usize, String, String) {
    match judge(bytes, max_bytes) {
        (consumed, Ok(_)) => (consumed, "accepted".to_string(), String::new()),
        (consumed, Err(refusal)) => (consumed, refusal.code.word().to_string(), refusal.field),
    }
}

fn wanted_verdict(case: &Value) -> (usize, String, String) {
    let consumed = case.get("consumed").and_then(Value::as_u64).unwrap() as usize;
    (consumed, text(case, "code").to_string(), text(case, "field").to_string())
}

fn limit(case: &Value) -> usize {
    case.get("max_event_bytes").and_then(Value::as_u64).map_or(MAX_EVENT_BYTES, |bytes| bytes as usize)
}

#[test]
fn every_bad_event_is_refused_with_its_code_and_field() {
    each("refused", 500, |path, case| {
        assert_eq!(verdict(&hex(text(case, "bytes")), limit(case)), wanted_verdict(case), "{path}");
    });
}

#[test]
fn every_frame_is_judged_value_by_value() {
    each("frames", 30, |path, case| {
        let bytes = hex(text(case, "bytes"));
        let Some(Value::Array(verdicts)) = case.get("verdicts") else { panic!("{path}") };
        let (mut rest, mut found) = (bytes.as_slice(), Vec::new());
        loop {
            let one = verdict(rest, limit(case));
            rest = &rest[one.0..];
            let is_last = rest.is_empty() || one.1 == Code::Malformed.word();
            found.push(one);
            if is_last {
                break;
            }
        }
        assert_eq!(found, verdicts.iter().map(wanted_verdict).collect::<Vec<_>>(), "{path}");
    });
}

#[test]
fn every_record_is_read_as_its_line_says() {
    each("log", 5, |path, case| {
        let mut chain = Blake2b::<U32>::digest(format!("tocsin-log-1{}", text(case, "log_id")));
        assert_eq!(to_hex(&chain), text(case, "start"));
        let Some(Value::Array(lines)) = case.get("lines") else { panic!("{path}") };
        for line in lines {
            let bytes = hex(text(line, "record"));
            let mut reader = Reader::new(&bytes);
            let record = RecordView::read(&mut reader, MAX_EVENT_BYTES).unwrap_or_else(|| panic!("{path}"));
            assert_eq!(reader.left(), 0, "{path}");
            let spelled = text(line, "line");
            let Value::Map(mut members) = serde_json::from_str(spelled).unwrap() else { panic!("{path}") };
            let place = Value::Map(members.clone());
            assert_eq!(place.get("seq"), Some(&Value::from(record.seq)), "{path}");
            assert_eq!(place.get("prev"), Some(&Value::from(record.prev)), "{path}");
            assert_eq!(text(&place, "received"), format_us(record.received_us), "{path}");
            let own = ["seq", "received", "prev", "producer", "n", "batch", "hash"];
            members.retain(|member| !own.contains(&member.0.as_str()));
            let wanted: Event = serde_json::from_str(&serde_json::to_string(&Value::Map(members)).unwrap()).unwrap();
            assert_eq!(record.record().event, wanted, "{path}");
            let covered = &spelled[..spelled.rfind(",\"hash\":\"").unwrap()];
            chain = Blake2b::<U32>::new().chain_update(chain).chain_update(covered).finalize();
        }
        assert_eq!(to_hex(&chain), text(case, "end"), "{path}");
    });
}
