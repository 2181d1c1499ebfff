"""Composing events, and what goes wrong with it."""

import datetime
import json

import pytest
from conftest import event

from tocsin import ABSENT, Event, Filter, Level, Refused, SourceId, source_id
from tocsin._where import Keys, Where, endpoint_of


def refusal(**changes):
    with pytest.raises(Refused) as refused:
        event(**changes).encode()
    return refused.value.code, refused.value.field


def test_faults_of_python_values_have_the_protocols_names():
    assert refusal(category="a b") == ("value", "category")
    assert refusal(category="") == ("length", "category")
    assert refusal(category=7) == ("type", "category")
    assert refusal(type="T" * 129) == ("length", "type")
    assert refusal(source_id="a\nb") == ("value", "sourceId")
    assert refusal(source_id="é" * 65) == ("length", "sourceId")
    assert refusal(summary="a\0") == ("unsupported", "summary")
    assert refusal(summary="\ud800") == ("utf8", "summary")
    assert refusal(summary=None) == ("type", "summary")
    assert refusal(time="2026-02-30T00:00:00Z") == ("value", "time")
    assert refusal(cause="a/b") == ("value", "cause")
    assert refusal(snapshot=float("nan")) == ("unsupported", "snapshot")
    assert refusal(snapshot=[float("-inf")]) == ("unsupported", "snapshot")
    assert refusal(snapshot={"a": b"bytes"}) == ("unsupported", "snapshot")
    assert refusal(snapshot={1: 2}) == ("unsupported", "snapshot")
    assert refusal(snapshot={"a\0": 2}) == ("unsupported", "snapshot")
    assert refusal(snapshot=2**64) == ("unsupported", "snapshot")
    assert refusal(snapshot=object()) == ("unsupported", "snapshot")
    assert refusal(snapshot=["\udfff"]) == ("utf8", "snapshot")
    assert refusal(summary="x", snapshot="y" * 1048576) == ("length", "")


def test_a_snapshot_within_itself_is_too_deep():
    loop = []
    loop.append(loop)
    assert refusal(snapshot=loop) == ("depth", "snapshot")
    deep = "x"
    for _ in range(32):
        deep = [deep]
    event(snapshot=deep).check()
    assert refusal(snapshot=[deep]) == ("depth", "snapshot")


def test_an_unknown_level_is_refused_at_once():
    with pytest.raises(Refused):
        event(level="Fatal")


def test_numbers_keep_their_kind():
    values = [0, -1, 2**63, 2**64 - 1, -(2**63), 1.0, -0.0, 1e300, True, None, "x", [], {}]
    back = Event.decode(event(snapshot=values).encode()).snapshot
    assert json.dumps(back) == json.dumps(values)


def test_none_is_a_snapshot_and_absent_is_not():
    assert "snapshot" in event(snapshot=None).to_dict()
    assert "snapshot" not in event(snapshot=ABSENT).to_dict()
    assert Event.decode(event(snapshot=ABSENT).encode()).snapshot is ABSENT


def test_a_datetime_needs_a_time_zone():
    zone = datetime.timezone(datetime.timedelta(hours=9))
    moment = datetime.datetime(2026, 11, 21, 9, 30, 0, 125000, zone)
    assert event(time=moment).time == "2026-11-21T09:30:00.125000+09:00"
    assert event(time=moment.astimezone(datetime.timezone.utc)).time == "2026-11-21T00:30:00.125000Z"
    event(time=moment).check()
    with pytest.raises(ValueError):
        event(time=moment.replace(tzinfo=None))


def test_an_event_is_made_of_a_map_and_back():
    made = event(cause="BFrameDetected")
    assert Event.from_dict(made.to_dict()) == made
    with pytest.raises(Refused) as refused:
        Event.from_dict({**made.to_dict(), "more": 1})
    assert (refused.value.code, refused.value.field) == ("unknown", "more")


def test_levels_rise():
    assert Level.TRACE < Level.DEBUG < Level.INFO < Level.WARNING < Level.ERROR
    assert [Level.of(level.word) for level in Level] == list(Level)


def test_source_ids_are_taken_apart_and_put_together():
    assert SourceId.split("#v#a/s/t") == ("v", "a", "s/t")
    assert SourceId.split("#v#a") == ("v", "a", None)
    for name in ("v", "#v", "#v#", "##a", "#v#a/", "#v#/s", ""):
        assert SourceId.split(name) == (name, None, None)
    assert source_id("v#w", "a#b", "s#t") == "#v_w#a_b/s#t"
    for parts in (("", "a"), ("v", ""), ("v", "a", ""), ("v" * 127, "a")):
        with pytest.raises(ValueError):
            source_id(*parts)


def test_filters_from_text_take_what_the_command_line_takes():
    def takes(text, topic):
        category, _, source = topic.partition("/")
        return Filter.of(text).takes(category, source)

    assert takes("", "C/s") and takes("*", "C/s") and takes("C", "C/s") and not takes("C", "D/s")
    assert takes("C/s", "C/s") and not takes("C/s", "C/s2") and not takes("C/s", "C/s/t")
    assert takes("C/#v#a/", "C/#v#a/s") and not takes("C/#v#a/", "C/#v#a")
    assert takes("C/#v#a/**", "C/#v#a") and takes("C/#v#a/**", "C/#v#a/s") and not takes("C/#v#a/**", "C/#v#ab")
    assert takes("C/v/**", "C/v") and takes("C/v/**", "C/#v#a/s") and not takes("C/v/**", "C/vw")
    assert takes("C/ca*", "C/cam") and not takes("C/ca*", "C/dog")
    assert takes("*/s", "C/s") and takes("*/s", "D/s") and not takes("*/s", "D/t")
    assert Filter.of("C/v/**").prefixes() == [b"C/v\0", b"C/v/", b"C/#v#"]
    for wrong in ("C D", "/s", "C/" + "x" * 129):
        with pytest.raises(ValueError):
            Filter.of(wrong)


def test_servers_become_endpoints():
    assert endpoint_of(None, "ingest") == "tcp://127.0.0.1:5560"
    assert endpoint_of("broker", "stream") == "tcp://broker:5563"
    assert endpoint_of("tcp://[::1]:7000", "live") == "tcp://[::1]:7002"
    assert Where(endpoints={"live": "ipc:///run/live"}).endpoint("live") == "ipc:///run/live"
    for wrong in ("a b", "host:0", "host:65533", "host:", "host:1:2", "[::1"):
        with pytest.raises(ValueError):
            endpoint_of(wrong, "live")
    with pytest.raises(ValueError):
        Where(endpoints={"live": "live"})


def test_keys_are_looked_at_before_they_are_used(tmp_path):
    made = Keys.generate(Keys("@" * 40, "a" * 40, "b" * 40).server)
    path = tmp_path / "client.key"
    path.write_text(f'metadata\ncurve\n    public-key = "{made.public}"\n    secret-key = "{made.secret}"\n')
    (tmp_path / "server.pub").write_text(f'curve\n    public-key = "{made.public}"\n')
    assert Keys.load(path, made.server) == made
    assert Keys.load(path, str(tmp_path / "server.pub")).server == made.public
    assert made.secret not in repr(made)
    with pytest.raises(ValueError):
        Keys("short", made.public, made.secret)
    with pytest.raises(ValueError):
        Keys.load(tmp_path / "server.pub", made.server)
