#!/usr/bin/env python3
"""Makes proto/vectors/ from the cases beside this file and from the oracle; --check only compares.

Usage: make.py [--check]   Exit status 1: a case and the oracle disagree, or the files are not what would be made.
"""
import json
import sys
from pathlib import Path

import cases_frame
import cases_log
import cases_refused
import cases_valid
import log_text
import oracle
import pack
import unpack

TARGET = Path(__file__).resolve().parents[2] / "proto" / "vectors"


def valid_files():
    for name, note, data in cases_valid.CASES:
        verdict = oracle.judge(data)
        if verdict.code != "accepted" or verdict.consumed != len(data):
            sys.exit("valid/%s: the oracle says %s" % (name, verdict))
        yield "valid/" + name, {
            "name": name, "note": note, "bytes": data.hex(), "topic": oracle.topic(verdict.event),
            "log": log_text.event_text(verdict.event),
        }


def refused_files():
    for name, note, data, code, field, max_event_bytes in cases_refused.CASES:
        verdict = oracle.judge(data, max_event_bytes or oracle.MAX_EVENT_BYTES)
        if (verdict.code, verdict.field) != (code, field):
            sys.exit("refused/%s: the oracle says %s" % (name, verdict))
        vector = {"name": name, "note": note, "bytes": data.hex(), "code": code, "field": field,
                  "consumed": verdict.consumed}
        if max_event_bytes:
            vector["max_event_bytes"] = max_event_bytes
        yield "refused/" + name, vector


def frame_files():
    for name, note, data, codes in cases_frame.CASES:
        verdicts = oracle.judge_frame(data)
        if [verdict.code for verdict in verdicts] != codes:
            sys.exit("frames/%s: the oracle says %s" % (name, verdicts))
        yield "frames/" + name, {
            "name": name, "note": note, "bytes": data.hex(),
            "verdicts": [{"consumed": v.consumed, "code": v.code, "field": v.field} for v in verdicts],
        }


def with_time(data, event, received_us):
    """The event's bytes as the record has them: a `time` at the end where there was none, under a new head."""
    if "time" in event:
        return data
    _, body = unpack.token(data, 0)
    return (bytes([0x80 | len(event) + 1]) + data[body:] + pack.string("time")
            + pack.string(log_text.received_text(received_us)))


def log_files():
    for name, note, log_id, lines in cases_log.CASES:
        chain = log_text.chain_start(log_id)
        vector = {"name": name, "note": note, "log_id": log_id, "start": chain.hex(), "lines": []}
        for seq, prev, received_us, batch, producer, n, data in lines:
            stamped = with_time(data, oracle.judge(data).event, received_us)
            head = b"\x94" + pack.integer(seq) + pack.integer(prev) + pack.integer(received_us)
            text = log_text.line_text(oracle.judge(stamped).event, seq, prev, received_us, batch, producer, n)
            chain, line = log_text.chain_next(chain, text)
            vector["lines"].append({
                "bytes": data.hex(), "seq": str(seq), "prev": str(prev), "received_us": str(received_us),
                "batch": str(batch), "producer": producer, "n": str(n), "record": (head + stamped).hex(), "line": line,
            })
        vector["end"] = chain.hex()
        yield "log/" + name, vector


def all_files():
    files = {}
    for maker in valid_files, refused_files, frame_files, log_files:
        for path, vector in maker():
            if path in files:
                sys.exit("%s: twice" % path)
            files[path] = json.dumps(vector, ensure_ascii=True, indent=1) + "\n"
    return files


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    wanted = all_files()
    present = {str(path.relative_to(TARGET))[: -len(".json")]: path for path in TARGET.glob("*/*.json")}
    if sys.argv[1:]:
        wrong = sorted(set(wanted) ^ set(present))
        wrong += [name for name in sorted(set(wanted) & set(present)) if present[name].read_text("utf-8") != wanted[name]]
        if wrong:
            sys.exit("not what make.py makes: " + ", ".join(wrong))
    else:
        for name in set(present) - set(wanted):
            present[name].unlink()
        for name, text in wanted.items():
            path = TARGET / (name + ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    print("%d vectors" % len(wanted))


if __name__ == "__main__":
    main()
