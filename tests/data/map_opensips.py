#!/usr/bin/env python3
"""Maps captured OpenSIPS events onto Tocsin's event (PROTOCOL.md section 1). This is how opensips-core-events.jsonl
was made:

    tests/data/map_opensips.py --name opensips-1 CAPTURES/udp CAPTURES/udp-bigshm CAPTURES/udp-with-flatstore \
        CAPTURES/tcp CAPTURES/tcp-reliable > tests/data/opensips-core-events.jsonl

A capture is NAME.raw, all bytes in the order of arrival, and NAME.idx.jsonl, a line for each datagram or each read
from the connection with its time of receipt, offset and length (`ts`, `off`, `len`).

The mapping:
  time      the time of receipt: of the datagram, or of the read that completed the document
  level     thresholds Warning; status reports Error when the status falls below 0, Warning from one negative status
            to another or when it is no number, else Info; log messages their own; all else Info
  category  CoreEvent for E_CORE_…, else OpenSipsEvent
  type      the method
  sourceId  the server's NAME; NAME/group/identifier for status reports, NAME/group_type/group_filter for auto-scaling
  summary   a line for people
  snapshot  the params as they came, an object or an array; absent where there are none. What is no valid UTF-8, and
            U+0000, becomes U+FFFD. Of keys that repeat the second is renamed KEY#2, the third KEY#3, and so on

Of events that are alike but for their numbers only the first few are kept, and of the very large ones one.
"""
import argparse
import collections
import datetime
import decimal
import json
import re
import sys

SUMMARY_BYTES_MAX = 8192
SOURCE_ID_BYTES_MAX = 128
LARGE_BYTES = 16384
ALIKE_MAX = 5

LOG_LEVELS = {"ALERT": "Error", "CRITICAL": "Error", "ERROR": "Error", "WARNING": "Warning", "NOTICE": "Info",
              "INFO": "Info", "DBG": "Debug"}


# ---- Reading captures ----

def datagrams(raw, reads):
    for read in reads:
        yield raw[read["off"]:read["off"] + read["len"]], read["ts"]


def stream_documents(raw, reads):
    """Documents that follow each other without a delimiter: their braces tell where one ends."""
    begin = depth = 0
    in_string = is_escaped = False
    for at, byte in enumerate(raw):
        if in_string:
            if is_escaped:
                is_escaped = False
            elif byte == ord("\\"):
                is_escaped = True
            elif byte == ord('"'):
                in_string = False
        elif byte == ord('"'):
            in_string = True
        elif byte in b"{[":
            depth += 1
        elif byte in b"}]":
            depth -= 1
            if depth == 0:
                while reads[0]["off"] + reads[0]["len"] <= at:
                    reads = reads[1:]
                yield raw[begin:at + 1], reads[0]["ts"]
                begin = at + 1
    if begin != len(raw):
        sys.exit(f"the stream ends within a document, at byte {begin}")


def documents(capture):
    with open(capture + ".raw", "rb") as file:
        raw = file.read()
    with open(capture + ".idx.jsonl", encoding="ascii") as file:
        lines = [json.loads(line, parse_float=decimal.Decimal) for line in file]
    reads = [line for line in lines if "off" in line]
    is_stream = any("conn" in read for read in reads)
    return stream_documents(raw, reads) if is_stream else datagrams(raw, reads)


# ---- JSON in ----

def clean(text):
    """Text that an event can hold: no U+0000, no half of a surrogate pair."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def distinct(pairs):
    """An object of which every member is kept, also where keys repeat."""
    members = {}
    taken = {clean(key) for key, _ in pairs}
    for key, value in pairs:
        key = name = clean(key)
        number = 1
        while name in members or (number > 1 and name in taken):
            number += 1
            name = f"{key}#{number}"
        members[name] = value
    return members


def cleaned(value):
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    return value


def read_document(raw):
    text = raw.decode("utf-8", errors="replace")
    return cleaned(json.loads(text, object_pairs_hook=distinct, strict=False))


# ---- The parts of an event ----

def rfc3339(seconds):
    whole, fraction = divmod(decimal.Decimal(seconds), 1)
    stamp = datetime.datetime.fromtimestamp(int(whole), datetime.timezone.utc)
    return f"{stamp:%Y-%m-%dT%H:%M:%S}.{int(fraction * 1000000):06d}Z"


def cut(text, bytes_max):
    return text.encode("utf-8")[:bytes_max].decode("utf-8", errors="ignore")


def one_line(text):
    """Without control characters (C0, DEL, C1), without line ends of any kind, without runs of blanks."""
    return " ".join(re.sub("[\0-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def status_level(params):
    new, old = params.get("status"), params.get("old_status")
    if not isinstance(new, int) or not isinstance(old, int):
        return "Warning"
    if new >= 0:
        return "Info"
    return "Error" if old >= 0 else "Warning"


def level(method, params):
    if method == "E_CORE_SR_STATUS_CHANGED":
        return status_level(params)
    if method == "E_CORE_LOG":
        return LOG_LEVELS.get(str(params.get("level")), "Info")
    return "Warning" if method.endswith("_THRESHOLD") else "Info"


def source_id(name, method, params):
    parts = {"E_CORE_SR_STATUS_CHANGED": ("group", "identifier"),
             "E_CORE_PROC_AUTO_SCALE": ("group_type", "group_filter")}.get(method, ())
    return cut("/".join([name] + [one_line(str(params.get(part, ""))) for part in parts]), SOURCE_ID_BYTES_MAX)


SUMMARIES = {
    "E_CORE_THRESHOLD": "{source} took {time} us: {extra}",
    "E_CORE_PKG_THRESHOLD":
        "Private memory of process {pid} at {usage} % (threshold {threshold} %): {used} of {size} bytes",
    "E_CORE_SHM_THRESHOLD": "Shared memory at {usage} % (threshold {threshold} %): {used} of {size} bytes",
    "E_CORE_PROC_AUTO_SCALE":
        "{group_type} {group_filter} scaled {scale} at {group_load} % load: process {process_id} (pid {pid})",
    "E_CORE_TCP_DISCONNECT": "{proto} connection {src_ip}:{src_port} - {dst_ip}:{dst_port} ended",
    "E_CORE_SR_STATUS_CHANGED": "Status of {group}/{identifier} changed from {old_status} to {status}{details}",
    "E_CORE_LOG": "{message}",
}


def brief(value):
    """The first line of a text, for a summary."""
    lines = str(value).splitlines()
    return lines[0] if lines else ""


def summary(method, params):
    if method == "E_CORE_LOG" and isinstance(params, dict):
        text = str(params.get("message", ""))
    elif method in SUMMARIES and isinstance(params, dict) and params:
        known = collections.defaultdict(str, {key: brief(value) for key, value in params.items()})
        if "details" in params:
            known["details"] = f": {brief(params['details'])}"
        text = SUMMARIES[method].format_map(known)
    elif isinstance(params, dict):
        text = ", ".join(f"{key}={cut(str(value), 200)}" for key, value in params.items())
    else:
        text = ", ".join(cut(str(value), 200) for value in params)
    return cut(one_line(text), SUMMARY_BYTES_MAX) or type_of(method)


def type_of(method):
    return re.sub("[^A-Za-z0-9_.-]", "_", method)[:128]


def event_of(document, time, name):
    method = document["method"]
    params = document.get("params")
    named = params if isinstance(params, dict) else {}
    event = {
        "time": rfc3339(time),
        "level": level(method, named),
        "category": "CoreEvent" if method.startswith("E_CORE_") else "OpenSipsEvent",
        "type": type_of(method),
        "sourceId": source_id(name, method, named),
        "summary": summary(method, {} if params is None else params),
    }
    if params is not None:
        event["snapshot"] = params
    return event


# ---- What is kept, and JSON out ----

def shape(value):
    """What events that are alike have in common."""
    if isinstance(value, dict):
        return tuple((key, shape(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(shape(item) for item in value)
    if isinstance(value, str):
        return re.sub("[0-9a-f]{6,}|[0-9]+", "0", value)
    return (type(value).__name__, value < 0) if isinstance(value, int) else value


def selected(events):
    counts = collections.Counter()
    for event, size in events:
        keys = [(event["type"], event["level"], shape(event.get("snapshot")))]
        if size > LARGE_BYTES:
            keys.append("large")
        counts.update(keys)
        if counts[keys[0]] <= ALIKE_MAX and counts["large"] <= (1 if size > LARGE_BYTES else counts["large"]):
            yield event


def line(event):
    """Compact JSON; what could drive a terminal is escaped, as in the log (PROTOCOL.md section 5)."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    unsafe = "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
    return re.sub(unsafe, lambda c: f"\\u{ord(c[0]):04x}", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--name", required=True, help="the server's name: the sourceId")
    parser.add_argument("captures", nargs="+", metavar="CAPTURE", help="path of a capture, without .raw")
    arguments = parser.parse_args()

    def events():
        for capture in arguments.captures:
            for raw, time in documents(capture):
                yield event_of(read_document(raw), time, arguments.name), len(raw)

    for event in selected(events()):
        sys.stdout.buffer.write(line(event).encode("utf-8") + b"\n")


if __name__ == "__main__":
    main()
