"""What the programs around a broker write down while it is being broken, and how the checker reads it again.

Nothing here is shared with the broker. A producer's record is the text that append_load.c prints; what subscribers and
replaying clients saw is kept frame by frame, as it came."""

import collections
import struct

import msgpack

SHARED_ONE_IN = 4
SUMMARY_SHORT = 80
SUMMARY_VARIETY = 100
FILLER_LEN = 4096
FILLER_SPAN = 3800


def make_filler():
    state, letters = 1, []
    for _ in range(FILLER_LEN):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        letters.append(chr(ord("a") + (state >> 16) % 26))
    return "".join(letters)


FILLER = make_filler()


def payload(name, n):
    """What append_load's event n of producer `name` says; written twice on purpose, there in C."""
    start = n * 37 % FILLER_SPAN
    return {
        "time": f"2026-11-21T09:30:00.{n % 1000000:06}+09:00",
        "level": "Info",
        "category": "LoadEvent",
        "type": "Numbered",
        "sourceId": "shared" if n % SHARED_ONE_IN == 0 else name,
        "summary": f"event {n} of {name}: {FILLER[start : start + SUMMARY_SHORT + n % SUMMARY_VARIETY]}",
        "snapshot": {"number": n, "half": n / 2},
    }


class Producer:
    """A producer's record: `sent` and `acked` are the highest numbers, `receipts` is [(n, seq, hash)]."""

    def __init__(self, name, text):
        self.name = name
        self.sent = self.acked = 0
        self.receipts = []
        self.errors = collections.Counter()
        self.refused = []
        self.forgotten = []  # (last_n, acked): a welcome that knows less than was acknowledged
        self.done = None
        for line in text.splitlines():
            self.take(line.split())

    def take(self, words):
        verb, numbers = (words[0], words[1:]) if words else ("", [])
        if verb == "sent":
            self.sent = max(self.sent, int(numbers[0]))
        elif verb == "ack":
            n, seq = int(numbers[0]), int(numbers[1])
            self.acked = max(self.acked, n)
            self.receipts.append((n, seq, numbers[2] if len(numbers) > 2 else ""))
        elif verb == "welcome" and int(numbers[0]) < self.acked:
            self.forgotten.append((int(numbers[0]), self.acked))
        elif verb == "nack":
            self.refused.append(numbers)
        elif verb == "error":
            self.errors[numbers[0]] += 1
        elif verb == "done":
            self.done = int(numbers[0])


def read_producer(name, path):
    """A record whose last line was cut off, as a power cut does, ends before that line."""
    with open(path, encoding="ascii", errors="replace", newline="") as file:
        text = file.read()
    return Producer(name, text[: text.rfind("\n") + 1].replace("\r", ""))


def write_frame(file, frame):
    file.write(struct.pack("<I", len(frame)) + frame)


def read_frames(path):
    """Whole frames; a last one that was cut off is left out."""
    with open(path, "rb") as file:
        while len(head := file.read(4)) == 4:
            (length,) = struct.unpack("<I", head)
            frame = file.read(length)
            if len(frame) < length:
                return
            yield frame


def live_records(frames):
    """(topic, record) of what a SUB received, heartbeats left out."""
    for frame in frames:
        topic, body = frame.split(b"\0", 1)
        if topic == b"~":
            continue
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=True)
        unpacker.feed(body)
        for record in unpacker:
            yield topic.decode(), record
