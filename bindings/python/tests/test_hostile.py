"""A peer that is no sound broker: errors, no harm."""

import threading
import time

import pytest
import zmq
from conftest import DEADLINE, event

import tocsin
from tocsin import _msgpack
from tocsin._message import records_of, unpack

LOG_ID = "0123456789abcdef" * 2


def test_counts_are_not_believed():
    begin = time.monotonic()
    for bomb in (b"\xdd\xff\xff\xff\xff", b"\xdd\x00\x0f\xff\xff" * 1000 + b"\0" * 1_000_000, b"\xdf\xff\xff\xff\xff" * 3000):
        with pytest.raises(tocsin.ProtocolError):
            unpack(bomb)
        with pytest.raises(tocsin.ProtocolError):
            list(records_of(bomb))
    assert time.monotonic() - begin < DEADLINE


def test_what_is_large_and_whole_is_read():
    assert unpack(_msgpack.pack(["x", list(range(100_000))]))[1][-1] == 99_999
    wide = event(snapshot={str(number): number for number in range(20_000)})
    records = b"".join(_msgpack.pack([seq, 0, 7, wide.to_dict()]) for seq in (1, 2))
    assert [record.event.snapshot["19999"] for record in records_of(records)] == [19_999, 19_999]


@pytest.mark.parametrize(
    "bad",
    [
        b"", b"\xc1", b"\x90", b"\x91\x07", _msgpack.pack(["batch", 1]), _msgpack.pack(["batch", -1, []]), _msgpack.pack(["batch", 5, [7]]),
        _msgpack.pack(["batch", 5, [[1, 1, 0, event().to_dict()]]]), _msgpack.pack(["batch", 5, [[9, 0, 0, event().to_dict()]]]),
        _msgpack.pack(["batch", 5, [[1, 0, 0, {**event().to_dict(), "more": 1}]]]), _msgpack.pack(["hole", 9, 3]), _msgpack.pack(["hole", 3, 9]),
        _msgpack.pack(["end", 5]), _msgpack.pack(["opened", 1, LOG_ID, 1, 5]), _msgpack.pack(["error", "protocol", "no"]),
    ],
)  # fmt: skip
def test_a_stream_asks_again_for_what_it_does_not_understand(bad):
    """Whatever comes, the next session is opened at the same place, and the event is told once."""
    context = zmq.Context()
    router = context.socket(zmq.ROUTER)
    port = router.bind_to_random_port("tcp://127.0.0.1")
    good = [[1, 0, 0, event(1).to_dict()]]
    opens = []

    def serve():
        while router.poll(DEADLINE * 1000):
            route, data = router.recv_multipart()
            message = _msgpack.unpack(data)
            if message[0] == "close":
                return
            if message[0] != "open":
                continue
            opens.append(message[2]["from"])
            router.send_multipart([route, _msgpack.pack(["opened", 1, LOG_ID, 1, 5])])
            router.send_multipart([route, bad if len(opens) == 1 else _msgpack.pack(["batch", 5, good])])

    server = threading.Thread(target=serve)
    server.start()
    stream = tocsin.Client(stream=f"tcp://127.0.0.1:{port}", timeout=DEADLINE).stream(start=1)
    with pytest.raises(tocsin.ProtocolError):
        stream.next(DEADLINE)
    record = stream.next(DEADLINE)
    assert isinstance(record, tocsin.Record) and record.event.snapshot == {"number": 1}
    assert opens == [1, 1]
    stream.close()
    server.join()
    context.destroy(0)
