"""Frames of several values: (name, note, bytes, codes in order)."""
from pack import *  # noqa: F401,F403 (this module is a list made of its words)

CASES = []


def case(name, note, codes, *parts):
    CASES.append((name, note, b"".join(parts), codes))


good = event(summary=string("good"))
other = mapping(*FULL.items())

case("empty", "a frame without an event is malformed, once", ["malformed"])
case("one", "one event", ["accepted"], good)
case("three", "three events, back to back", ["accepted"] * 3, good, other, event())
case("many", "a hundred events", ["accepted"] * 100, *[event(summary=string("event %d" % i)) for i in range(100)])
case("same-twice", "the same event twice is two events", ["accepted"] * 2, good, good)

BAD = [
    ("type", event(level=NIL)), ("missing", event(without=("type",))), ("unknown", event(x=NIL)),
    ("duplicate", mapping(*pairs(), ("type", string("T")))), ("value", event(level=string("Loud"))),
    ("length", event(category=string(""))), ("depth", snapshot(nested_arrays(40, integer(1)))),
    ("utf8", event(summary=string(b"\xff"))), ("unsupported", snapshot(array(bin8(b"abc"), integer(1)))),
]
for code, bad in BAD:
    case("good-after-" + code, "a fault ends nothing", ["accepted", code, "accepted"], other, bad, good)
    case("only-" + code, "refused, and the frame ends", [code], bad)
case("every-fault", "each is judged by itself", [code for code, _ in BAD] + ["accepted"], *[bad for _, bad in BAD], good)
case("no-maps-between", "what is no map is refused, and stepped over", ["type", "accepted", "type", "type", "accepted"],
     NIL, good, array(NIL, good), string("text"), good)
case("nils", "every value counts", ["type"] * 5, NIL * 5)
case("fault-first-byte-of-snapshot", "the rest of a refused event is stepped over, however it is built",
     ["unknown", "accepted"], mapping(("x", nested_maps(100, array(bin8(b"a"), fixext(1, b"a"), string(b"\xff")))), *pairs()), good)

case("malformed-alone", "0xc1", ["malformed"], b"\xc1")
case("malformed-behind-good", "what came before stands", ["accepted", "malformed"], good, b"\xc1")
case("malformed-before-good", "nothing behind it can be trusted", ["malformed"], b"\xc1", good)
case("malformed-between", "it ends the frame", ["accepted", "value", "malformed"], good, event(level=string("x")), b"\xc1", good)
case("cut-last", "the last event is cut short", ["accepted", "malformed"], good, other[:-1])
case("cut-swallows", "a head that promises too much takes the next event for its own", ["malformed"], b"\x86" + good[1:], other)
case("cut-swallows-whole-values", "and may even end well", ["unsupported", "accepted"], b"\x86" + good[1:], good, NIL, good)
case("trailing-newline", "0x0a is the number 10, and a number is no event", ["accepted", "type"], good, b"\n")
case("trailing-nul", "0x00 is the number 0", ["accepted", "type"], good, b"\0")
case("json", "text is no event: every byte of it is a number", ["type"] * 13, b'{"level":"x"}')
