"""proto/vectors: the same bytes are read, the same refused, with the same topics and the same value back."""

import glob
import hashlib
import json
import os

import pytest
from conftest import ROOT

from tocsin import ABSENT, Event, Refused, _msgpack
from tocsin._event import is_good
from tocsin._message import records_of
from tocsin._wire import judge


def vectors(folder):
    paths = sorted(glob.glob(os.path.join(ROOT, "proto", "vectors", folder, "*.json")))
    assert paths
    return [pytest.param(path, id=os.path.basename(path)[:-5]) for path in paths]


def load(path):
    with open(path, encoding="ascii") as text:
        return json.load(text)


def exactly(value):
    """A text that tells 1 from 1.0 and 0.0 from -0.0, and knows no order of keys."""
    return json.dumps(value, sort_keys=True)


@pytest.mark.parametrize("path", vectors("valid"))
def test_a_valid_event_is_read_and_comes_back(path):
    vector = load(path)
    data = bytes.fromhex(vector["bytes"])
    event = Event.decode(data)
    assert event.topic == vector["topic"]
    assert exactly(event.to_dict()) == exactly(json.loads(vector["log"]))
    again = Event.decode(event.encode())
    assert exactly(again.to_dict()) == exactly(event.to_dict())
    assert (again.snapshot is ABSENT) == (event.snapshot is ABSENT)
    assert is_good(_msgpack.unpack(data))


@pytest.mark.parametrize("path", vectors("refused"))
def test_what_is_refused_is_refused_for_the_same_reason(path):
    vector = load(path)
    data = bytes.fromhex(vector["bytes"])
    limit = vector.get("max_event_bytes", 1048576)
    assert judge(data, 0, limit) == (vector["consumed"], (vector["code"], vector["field"]))
    if vector["consumed"] in (0, len(data)):
        with pytest.raises(Refused) as refused:
            Event.decode(data, limit)
        assert (refused.value.code, refused.value.field) == (vector["code"], vector["field"])


def test_what_is_refused_is_not_taken_for_good_when_it_was_read_by_msgpack():
    seen = 0
    for parameter in vectors("refused"):
        vector = load(parameter.values[0])
        if vector["code"] == "duplicate" or (vector["code"], vector["field"]) == ("length", ""):
            continue  # not to be seen in what msgpack makes of it
        try:
            members = _msgpack.unpack(bytes.fromhex(vector["bytes"]))
        except _msgpack.ERRORS:
            continue
        assert not is_good(members), vector["name"]
        seen += 1
    assert seen > 50


@pytest.mark.parametrize("path", vectors("frames"))
def test_a_frame_is_judged_value_by_value(path):
    vector = load(path)
    data = bytes.fromhex(vector["bytes"])
    at, verdicts = 0, []
    while not verdicts or (at < len(data) and verdicts[-1]["consumed"]):
        consumed, refusal = judge(data, at)
        code, field = refusal or ("accepted", "")
        verdicts.append({"consumed": consumed, "code": code, "field": field})
        at += consumed
    assert verdicts == vector["verdicts"]


@pytest.mark.parametrize("path", vectors("log"))
def test_the_records_of_a_log_are_those_of_its_lines(path):
    vector = load(path)
    for line in vector["lines"]:
        (record,) = records_of(bytes.fromhex(line["record"]))
        told = json.loads(line["line"])
        assert (record.seq, record.prev, record.received_us) == (
            int(line["seq"]), int(line["prev"]), int(line["received_us"]),
        )  # fmt: skip
        members = record.event.to_dict()
        assert exactly(members) == exactly({key: told[key] for key in members})
        assert record.topic == f"{told['category']}/{told['sourceId']}"


@pytest.mark.parametrize("path", vectors("log"))
def test_the_chain_of_a_log_is_that_of_its_lines(path):
    vector = load(path)
    state = hashlib.blake2b(b"tocsin-log-1" + vector["log_id"].encode(), digest_size=32).digest()
    assert state.hex() == vector["start"]
    for line in vector["lines"]:
        body = line["line"].encode()
        state = hashlib.blake2b(state + body[: body.rindex(b',"hash"')], digest_size=32).digest()
        assert json.loads(line["line"])["hash"] == state.hex()[:32]
    assert state.hex() == vector["end"]
