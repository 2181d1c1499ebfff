"""A real broker for each test that asks for one."""

import os
import sys
import time

import pytest

BINDINGS = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
ROOT = os.path.dirname(BINDINGS)
sys.path.insert(0, BINDINGS)

from broker import Broker  # noqa: E402

import tocsin  # noqa: E402

DEADLINE = 60.0


@pytest.fixture
def broker(tmp_path):
    with Broker(str(tmp_path / "log")) as broker:
        yield broker


@pytest.fixture
def client(broker):
    return tocsin.Client(broker.server, timeout=DEADLINE)


@pytest.fixture
def aclient(broker):
    return tocsin.AsyncClient(broker.server, timeout=DEADLINE)


def event(number=0, **changes):
    """A good event."""
    members = {
        "level": "Info",
        "category": "TestEvent",
        "type": "Numbered",
        "source_id": f"source-{number % 7}",
        "summary": f"event {number}",
        "snapshot": {"number": number},
    }
    members.update(changes)
    return tocsin.Event(**members)


def numbers(records):
    return [record.event.snapshot["number"] for record in records]


def wait_until(condition, what):
    end = time.monotonic() + DEADLINE
    while not (value := condition()):
        assert time.monotonic() < end, f"not in time: {what}"
        time.sleep(0.005)
    return value


def own(records):
    """Without what the broker tells of itself."""
    return (record for record in records if record.event.category != "BrokerEvent")


def is_connected_to(port):
    """Whether a socket of this machine holds a TCP connection to that port still; one that the other end has closed, too."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split()[2:4] for line in table]
    return any(remote.endswith(f":{port:04X}") and state in ("01", "08") for remote, state in rows)
