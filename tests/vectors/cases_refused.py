"""Events that every judge must refuse: (name, note, bytes, code, field, max_event_bytes or None).

Codes and fields are written here by hand; make.py compares them with the oracle's, so that each case has two opinions."""
import math
import struct

from pack import *  # noqa: F401,F403 (this module is a list made of its words)

CASES = []


def case(name, note, data, code, field="", max_event_bytes=None):
    CASES.append((name, note, data, code, field, max_event_bytes))


TEXTS = ["level", "category", "type", "sourceId", "summary", "time", "cause"]

# --- malformed ------------------------------------------------------------------------------------------------------


def malformed(name, note, data):
    case("malformed-" + name, note, data, "malformed")


small = event()
malformed("empty", "no byte at all", b"")
for length in range(1, len(small)):
    malformed("cut-at-%02d" % length, "the smallest event, cut short", small[:length])
malformed("c1", "the byte that is never used", b"\xc1")
malformed("c1-as-key", "within the map", mapping(*pairs(), (b"\xc1", NIL)))
malformed("c1-as-value", "in place of a text", event(summary=b"\xc1"))
malformed("c1-in-snapshot", "deep in the snapshot", snapshot(array(mapping(("a", array(integer(1), b"\xc1"))))))
malformed("pairs-missing", "the head says one pair more", b"\x86" + small[1:])
malformed("key-without-value", "the head says one pair more, and only its key is there", b"\x86" + small[1:] + string("cause"))
malformed("map16-count", "65535 pairs that are not there", b"\xde\xff\xff" + small[1:])
malformed("map32-count", "4294967295 pairs that are not there", b"\xdf\xff\xff\xff\xff" + small[1:])
malformed("map32-count-in-snapshot", "a count is no reason to take memory", snapshot(b"\xdf\xff\xff\xff\xff"))
malformed("array16-count-in-snapshot", "a count is no reason to take memory", snapshot(b"\xdc\xff\xff"))
malformed("array32-count-in-snapshot", "a count is no reason to take memory", snapshot(b"\xdd\xff\xff\xff\xff"))
malformed("array32-counts-nested", "counts whose sum would overflow 32 bits", snapshot(b"\xdd\xff\xff\xff\xff" * 8))
malformed("map32-counts-nested", "counts whose sum would overflow 32 bits",
          snapshot((b"\xdf\xff\xff\xff\xff" + string("k")) * 8))
for name, head in ("str8", b"\xd9\xff"), ("str16", b"\xda\xff\xff"), ("str32", b"\xdb\xff\xff\xff\xff"), (
        "bin8", b"\xc4\xff"), ("bin16", b"\xc5\xff\xff"), ("bin32", b"\xc6\xff\xff\xff\xff"), (
        "ext8", b"\xc7\xff\x01"), ("ext16", b"\xc8\xff\xff\x01"), ("ext32", b"\xc9\xff\xff\xff\xff\x01"):
    malformed(name + "-length", "a length beyond the bytes", event(summary=head + b"x" * 20))
for name, tag, count in ("uint8", b"\xcc", 0), ("uint16", b"\xcd", 1), ("uint32", b"\xce", 3), ("uint64", b"\xcf", 7), (
        "int64", b"\xd3", 7), ("float32", b"\xca", 3), ("float64", b"\xcb", 7), ("fixext1", b"\xd4\x01", 0), (
        "fixext16", b"\xd8\x01", 15), ("ext8-type", b"\xc7\x00", 0), ("map16-head", b"\xde", 1), ("str32-head", b"\xdb", 3):
    malformed(name + "-cut", "cut within one value", snapshot(tag + b"\0" * count))
malformed("after-type", "malformed comes before any fault within",
          mapping(("level", integer(1)), *pairs(without=("level",)), ("snapshot", b"\xd9\x05abc")))
malformed("after-unknown", "malformed comes before any fault within", mapping(("what", NIL), ("level", b"\xc1")))
malformed("after-duplicate", "malformed comes before any fault within",
          mapping(*pairs(), ("level", string("Info")), ("cause", b"\xa5ab")))
malformed("after-depth", "malformed comes before any fault within", snapshot(nested_arrays(40, b"\xc1")))
malformed("array-cut", "no map, and cut short", b"\x92\x01")

# --- type -----------------------------------------------------------------------------------------------------------

KINDS = [
    ("nil", NIL), ("bool", TRUE), ("uint", integer(2)), ("int", integer(-2)), ("float", f64(1.5)), ("bin", bin8(b"Info")),
    ("ext", fixext(1, b"Info")), ("array", array(string("Info"))), ("map", mapping(("a", string("Info")))),
]
for name, value in KINDS:
    if name != "map":
        case("type-event-is-" + name, "an event is a map", value, "type")
case("type-event-is-str", "an event is a map", string("Info"), "type")
case("type-event-is-array-of-event", "an event is a map", array(small), "type")
for field in TEXTS:
    for name, value in KINDS:
        case("type-%s-is-%s" % (field, name), "a text is wanted", event(**{field: value}), "type", field)

# --- missing --------------------------------------------------------------------------------------------------------

for field in MINIMAL:
    case("missing-" + field, "a required key", event(without=(field,)), "missing", field)
case("missing-all", "the first of the table is named", mapping(), "missing", "level")
case("missing-all-but-optional", "the first of the table is named",
     mapping(("time", string("2026-11-21T00:30:00Z")), ("cause", string("c")), ("snapshot", NIL)), "missing", "level")
case("missing-two", "the first of the table is named, whatever the order of the bytes",
     mapping(("summary", string("")), ("level", string("Info")), ("type", string("T"))), "missing", "category")

# --- unknown --------------------------------------------------------------------------------------------------------

UNKNOWN = [
    ("word", "foo"), ("empty", ""), ("capital", "Level"), ("capitals", "LEVEL"), ("space-behind", "level "),
    ("space-before", " level"), ("prefix", "leve"), ("plural", "snapshots"), ("snake", "source_id"), ("lower", "sourceid"),
    ("of-the-record", "seq"), ("of-the-log", "received"), ("hash", "hash"), ("hangul", "\uc218\uc900"),
    ("control", "le\nvel"), ("bidi", "\u202elevel"), ("128-bytes", "k" * 128), ("emoji", "\U0001f600"),
]
for name, key in UNKNOWN:
    case("unknown-" + name, "no key of an event; it is the field", mapping(*pairs(), (key, NIL)), "unknown", key)
for name, key, field in ("129-bytes", "k" * 129, "k" * 128), ("300-bytes", "k" * 300, "k" * 128), (
        "2-byte-characters", "k" + "\u00e9" * 100, "k" + "\u00e9" * 63), (
        "3-byte-characters", "\ud55c" * 50, "\ud55c" * 42), ("4-byte-characters", "kk" + "\U0001f600" * 40, "kk" + "\U0001f600" * 31):
    case("unknown-long-" + name, "the field is cut to 128 bytes of whole characters", mapping(*pairs(), (key, NIL)), "unknown", field)
case("unknown-first", "at the start of the map", mapping(("foo", integer(1)), *pairs()), "unknown", "foo")
case("unknown-with-container", "its value is stepped over", mapping(("foo", nested_arrays(50)), *pairs()), "unknown", "foo")
case("unknown-twice", "the first fault is that it is unknown", mapping(("foo", NIL), ("foo", NIL), *pairs()), "unknown", "foo")

# --- keys that are no text, or a bad one ----------------------------------------------------------------------------

for name, value in KINDS:
    case("unsupported-key-is-" + name, "a key that is no string", mapping(*pairs(), (value, NIL)), "unsupported")
case("unsupported-key-is-bin-level", "bytes are no text, even these",
     mapping((bin8(b"level"), string("Info")), *pairs(without=("level",))), "unsupported")
case("unsupported-key-with-nul", "U+0000", mapping(*pairs(), ("a\0", NIL)), "unsupported")
case("unsupported-key-level-nul", "U+0000 behind a known name", mapping(("level\0", string("Info")), *pairs()), "unsupported")
case("utf8-key", "a key of invalid UTF-8 has no name", mapping(*pairs(), (string(b"a\xff"), NIL)), "utf8")
case("utf8-key-cut", "a key of invalid UTF-8 has no name", mapping(*pairs(), (string(b"level\xc3"), NIL)), "utf8")
case("utf8-key-with-nul", "utf8 before U+0000", mapping(*pairs(), (string(b"\0\xff"), NIL)), "utf8")

# --- duplicate ------------------------------------------------------------------------------------------------------

for field, value in FULL.items():
    case("duplicate-" + field, "the key twice", mapping(*FULL.items(), (field, value)), "duplicate", field)
case("duplicate-other-value", "with another value", mapping(*pairs(), ("level", string("Error"))), "duplicate", "level")
case("duplicate-bad-value", "the second value is not looked at", mapping(*pairs(), ("level", integer(1))), "duplicate", "level")
case("duplicate-other-head", "the same text behind a longer head",
     mapping(*pairs(), (str32("summary"), string(""))), "duplicate", "summary")
case("duplicate-at-once", "side by side, before all others", mapping(("type", string("T")), *pairs(("level",)),
     ("type", string("T"))), "duplicate", "type")


def twice(name, note, value):
    case("duplicate-in-snapshot-" + name, note, snapshot(value), "duplicate", "snapshot")


def keys(*names):
    return mapping(*[(name, NIL) for name in names])


def numbered(count):
    return ["k%d" % i for i in range(count)]


twice("pair", "two equal keys", keys("a", "a"))
twice("empty", "the empty key twice", keys("", ""))
twice("apart", "others between", keys("a", "b", "c", "a"))
twice("other-head", "the same text behind another head", mapping((string("a"), NIL), (str16("a"), NIL)))
twice("nested", "in a map within", mapping(("a", array(keys("a", "b", "b")))))
twice("around", "before and behind a map within", mapping(("a", keys("b")), ("a", NIL)))
twice("second-map", "the second map of an array", array(keys("a", "b"), keys("a", "b", "a")))
twice("other-value", "with other values", mapping(("a", integer(1)), ("a", integer(2))))
for count in 15, 16, 17, 40, 300:
    twice("first-of-%d" % count, "the last key is the first again", keys(*numbered(count - 1), "k0"))
    twice("last-of-%d" % count, "the last two are equal", keys(*numbered(count - 1), "k%d" % (count - 2)))
twice("large-within-large", "after a large map within", mapping(
    *[(k, NIL) for k in numbered(20)], ("in", keys(*numbered(30))), ("k3", NIL)))
twice("long-keys", "keys of 300 bytes", keys("k" * 299 + "a", "k" * 299 + "b", "k" * 299 + "a"))

# --- value ----------------------------------------------------------------------------------------------------------


def wrong(field, name, note, text):
    case("value-%s-%s" % (field, name), note, event(**{field: string(text)}), "value", field)


for field in "category", "type", "cause":
    for name, text in ("space", "a b"), ("slash", "a/b"), ("hash", "#a"), ("tilde", "~a"), ("plus", "a+b"), (
            "colon", "a:b"), ("latin", "caf\u00e9"), ("newline", "a\n"), ("escape", "\x1b[m"), ("delete", "a\x7f"), (
            "fullwidth", "\uff21"):
        wrong(field, name, "only A-Z a-z 0-9 _ . -", text)
for field in "sourceId", "summary":
    for name, text in ("newline", "a\nb"), ("return", "a\r"), ("tab", "\ta"), ("escape", "a\x1b[2J"), ("unit", "\x1f"), (
            "first-control", "\x01"), ("delete", "a\x7fb"), ("c1-first", "\u0080"), ("c1-next-line", "a\u0085"), (
            "c1-csi", "a\u009b31m"), ("c1-last", "a\u009f"):
        wrong(field, name, "a control character", text)
    for offset in 7, 8, 15, 16, 23:
        wrong(field, "control-at-%d" % offset, "at the edge of a machine word", "x" * offset + "\x1f" + "y" * 9)
for name, text in ("empty", ""), ("lower", "info"), ("upper", "INFO"), ("short", "Warn"), ("long", "Information"), (
        "space", "Info "), ("fatal", "Fatal"), ("number", "2"), ("newline", "Info\n"), ("kelvin", "\u212anfo"), (
        "very-long", "Info" * 100):
    wrong("level", name, "no level", text)

TIMES = [
    ("empty", ""), ("word", "now"), ("date", "2026-11-21"), ("no-offset", "2026-11-21T09:30:00"),
    ("no-seconds", "2026-11-21T09:30Z"), ("lower-t", "2026-11-21t09:30:00Z"), ("lower-z", "2026-11-21T09:30:00z"),
    ("space", "2026-11-21 09:30:00Z"), ("space-behind", "2026-11-21T09:30:00Z "), ("space-before", " 2026-11-21T09:30:00Z"),
    ("offset-without-colon", "2026-11-21T09:30:00+0900"), ("offset-hours-only", "2026-11-21T09:30:00+09"),
    ("offset-24", "2026-11-21T09:30:00+24:00"), ("offset-minute-60", "2026-11-21T09:30:00+09:60"),
    ("offset-and-z", "2026-11-21T09:30:00Z+09:00"), ("offset-sign", "2026-11-21T09:30:00\u221209:00"),
    ("offset-seconds", "2026-11-21T09:30:00+09:00:00"), ("fraction-empty", "2026-11-21T09:30:00.Z"),
    ("fraction-10-digits", "2026-11-21T09:30:00.1234567890Z"), ("fraction-comma", "2026-11-21T09:30:00,5Z"),
    ("fraction-letter", "2026-11-21T09:30:00.12aZ"), ("month-0", "2026-00-21T09:30:00Z"), ("month-13", "2026-13-21T09:30:00Z"),
    ("day-0", "2026-11-00T09:30:00Z"), ("day-31-of-30", "2026-11-31T09:30:00Z"), ("day-32", "2026-12-32T09:30:00Z"),
    ("february-29", "2026-02-29T09:30:00Z"), ("february-30", "2026-02-30T09:30:00Z"), ("february-30-leap", "2024-02-30T09:30:00Z"),
    ("february-29-1900", "1900-02-29T09:30:00Z"), ("february-29-2100", "2100-02-29T09:30:00Z"),
    ("hour-24", "2026-11-21T24:00:00Z"), ("minute-60", "2026-11-21T09:60:00Z"), ("second-61", "2016-12-31T23:59:61Z"),
    ("second-60-at-noon", "2026-11-21T12:00:60Z"), ("second-60-local", "2016-12-31T23:59:60+09:00"),
    ("second-60-minute-early", "2016-12-31T23:58:60Z"), ("year-5-digits", "12026-11-21T09:30:00Z"),
    ("year-2-digits", "26-11-21T09:30:00Z"), ("year-sign", "-026-11-21T09:30:00Z"), ("week", "2026-W47-6T09:30:00Z"),
    ("unix", "1795221000"), ("fullwidth", "\uff12\uff10\uff12\uff16-11-21T09:30:00Z"), ("newline", "2026-11-21T09:30:00Z\n"),
    ("zone-name", "2026-11-21T09:30:00[UTC]"), ("digits-replaced", "2026-11-21T09:3o:00Z"), ("slash", "2026/11/21T09:30:00Z"),
    ("very-long", "2026-11-21T09:30:00Z" * 20),
]
for name, text in TIMES:
    wrong("time", name, "not the form, or not in the calendar", text)

# --- length ---------------------------------------------------------------------------------------------------------

for field, most in ("category", 64), ("type", 128), ("cause", 128), ("sourceId", 128):
    case("length-%s-empty" % field, "at least one byte", event(**{field: string("")}), "length", field)
    case("length-%s-%d" % (field, most + 1), "one byte too long", event(**{field: string("x" * (most + 1))}), "length", field)
    case("length-%s-before-value" % field, "length is judged before the characters",
         event(**{field: string("\n" * (most + 1))}), "length", field)
    case("length-%s-before-utf8" % field, "length is judged before the characters",
         event(**{field: string(b"\xff" * (most + 1))}), "length", field)
case("length-sourceId-characters", "65 characters of two bytes", event(sourceId=string("\u00e9" * 65)), "length", "sourceId")
case("length-summary-8193", "one byte too long", event(summary=string("x" * 8193)), "length", "summary")
case("length-summary-characters", "2731 characters of three bytes", event(summary=string("\ud55c" * 2731)), "length", "summary")
case("length-event", "one byte more than this broker allows", small, "length", "", len(small) - 1)
case("length-event-before-others", "the whole event's length before what is in it",
     event(level=integer(1), what=NIL), "length", "", 40)
case("length-event-no-map", "the whole value's length before its type", array(*[NIL] * 80), "length", "", 80)
case("length-event-exact", "as long as allowed: judged by what is in it", event(level=string("Inf")), "value", "level",
     len(event(level=string("Inf"))))

# --- utf8 -----------------------------------------------------------------------------------------------------------

INVALID = [
    ("continuation", b"\x80"), ("continuation-last", b"\xbf"), ("overlong-nul", b"\xc0\x80"), ("overlong-2-last", b"\xc1\xbf"),
    ("overlong-slash", b"\xc0\xaf"), ("overlong-3", b"\xe0\x80\xaf"), ("overlong-3-last", b"\xe0\x9f\xbf"),
    ("overlong-4", b"\xf0\x80\x80\xaf"), ("overlong-4-last", b"\xf0\x8f\xbf\xbf"), ("surrogate-first", b"\xed\xa0\x80"),
    ("surrogate-last", b"\xed\xbf\xbf"), ("surrogate-pair", b"\xed\xa0\xbd\xed\xb8\x80"), ("above-10ffff", b"\xf4\x90\x80\x80"),
    ("lead-f5", b"\xf5\x80\x80\x80"), ("lead-f8", b"\xf8\x88\x80\x80\x80"), ("fe", b"\xfe"), ("ff", b"\xff"),
    ("cut-2", b"\xc3"), ("cut-3-after-1", b"\xe2"), ("cut-3-after-2", b"\xe2\x82"), ("cut-4-after-1", b"\xf0"),
    ("cut-4-after-2", b"\xf0\x9f"), ("cut-4-after-3", b"\xf0\x9f\x98"), ("letter-in-2", b"\xc3\x28"),
    ("letter-in-3", b"\xe2\x28\xa1"), ("letter-in-3-last", b"\xe2\x82\x28"), ("letter-in-4", b"\xf0\x28\x8c\xbc"),
    ("letter-in-4-last", b"\xf0\x90\x8c\x28"), ("latin1", b"caf\xe9 au lait"),
]
for name, text in INVALID:
    case("utf8-summary-" + name, "invalid UTF-8", event(summary=string(b"ab" + text + b"")), "utf8", "summary")
    case("utf8-snapshot-" + name, "invalid UTF-8", snapshot(array(string(text + b"cd"))), "utf8", "snapshot")
for field in TEXTS:
    case("utf8-%s-alone" % field, "invalid UTF-8", event(**{field: string(b"\xff")}), "utf8", field)
    case("utf8-%s-with-nul" % field, "utf8 before U+0000, wherever they are", event(**{field: string(b"\0a\xff")}), "utf8", field)
case("utf8-snapshot-key", "a key within the snapshot", snapshot(mapping((string(b"\xc3"), NIL))), "utf8", "snapshot")
case("utf8-summary-at-8192", "the last byte of the longest", event(summary=string(b"x" * 8191 + b"\xc3")), "utf8", "summary")
case("utf8-summary-cut-by-end", "the next value's bytes are not this text's",
     event(summary=b"\xa1\xc3", cause=string("x")), "utf8", "summary")

# --- depth ----------------------------------------------------------------------------------------------------------


def deep(name, note, value):
    case("depth-" + name, note, snapshot(value), "depth", "snapshot")


deep("33-arrays", "one too deep", nested_arrays(33))
deep("33-maps", "one too deep", nested_maps(33))
deep("33-arrays-with-value", "one too deep", nested_arrays(33, integer(1)))
deep("33-mixed", "one too deep", (b"\x91" + b"\x81" + string("k")) * 16 + b"\x80")
deep("33-second-branch", "the first branch is at the limit", array(nested_arrays(31), nested_arrays(32)))
deep("1000-arrays", "far too deep", nested_arrays(1000))
deep("1000-maps", "far too deep", nested_maps(1000))
deep("before-inner-fault", "what lies deeper is not looked at", nested_arrays(33, bin8(b"")))

# --- unsupported ----------------------------------------------------------------------------------------------------

for field in TEXTS:
    for name, text in ("alone", "\0"), ("behind", "Info\0"), ("within", "2026-11-21T09:30:00\0Z"):
        case("unsupported-nul-%s-%s" % (name, field), "U+0000", event(**{field: string(text)}), "unsupported", field)
case("unsupported-nul-and-control-summary", "U+0000 before other control characters", event(summary=string("\n\0")),
     "unsupported", "summary")


def unsupported(name, note, value):
    case("unsupported-snapshot-" + name, note, snapshot(value), "unsupported", "snapshot")


FOREIGN = [
    ("bin8", bin8(b"")), ("bin16", bin16(b"a")), ("bin32", bin32(b"text")), ("ext8", ext8(1, b"")), ("ext16", ext16(1, b"a")),
    ("ext32", ext32(1, b"abc")), ("timestamp", fixext(0xFF, b"\0\0\0\0")),
] + [("fixext%d" % size, fixext(1, b"x" * size)) for size in (1, 2, 4, 8, 16)]
for name, value in FOREIGN:
    unsupported(name, "JSON has no such value", value)
    unsupported(name + "-in-array", "JSON has no such value", array(integer(1), value))
    unsupported(name + "-in-map", "JSON has no such value", mapping(("a", value)))
for name, number in ("nan", math.nan), ("inf", math.inf), ("minus-inf", -math.inf):
    unsupported("float64-" + name, "JSON has no such number", f64(number))
    unsupported("float32-" + name, "JSON has no such number", f32(number))
    unsupported("float64-%s-nested" % name, "JSON has no such number", array(mapping(("a", f64(number)))))
unsupported("float64-signalling-nan", "JSON has no such number", b"\xcb" + struct.pack(">Q", 0x7FF0000000000001))
unsupported("float64-negative-nan", "JSON has no such number", b"\xcb" + struct.pack(">Q", 0xFFF8000000000000))
unsupported("float32-signalling-nan", "JSON has no such number", b"\xca" + struct.pack(">I", 0x7F800001))
unsupported("nul", "U+0000", string("a\0b"))
unsupported("nul-alone", "U+0000", array(string("\0")))
unsupported("nul-in-key", "U+0000", mapping(("a\0", NIL)))
for name, value in KINDS:
    unsupported("key-is-" + name, "a key that is no string", mapping((value, NIL)))
    unsupported("key-is-%s-nested" % name, "a key that is no string", array(mapping(("a", mapping((value, NIL))))))

# --- several faults: the first in the order of the bytes ------------------------------------------------------------


def first(name, note, data, code, field=""):
    case("first-" + name, note, data, code, field)


first("of-two-members", "in the order of the bytes, not of the table",
      mapping(("summary", integer(1)), ("level", string("no")), *pairs(("summary", "level"))), "type", "summary")
first("of-two-members-turned", "in the order of the bytes",
      mapping(("level", string("no")), ("summary", integer(1)), *pairs(("summary", "level"))), "value", "level")
first("unknown-then-value", "a key's fault is where the key is", mapping(("x", NIL), *pairs(level=string("no"))), "unknown", "x")
first("value-then-unknown", "a key's fault is where the key is", event(level=string("no"), x=NIL), "value", "level")
first("value-then-missing", "what is missing comes last", event(without=("category",), summary=string("\n")), "value", "summary")
first("unknown-then-missing", "what is missing comes last", mapping(("x", NIL)), "unknown", "x")
first("duplicate-then-missing", "what is missing comes last", mapping(("type", string("T")), ("type", string("T"))), "duplicate", "type")
first("key-then-value-in-snapshot", "a key comes before its value", snapshot(mapping(("a", NIL), ("a", bin8(b"")))), "duplicate", "snapshot")
first("utf8-then-depth-in-snapshot", "in the order of the bytes", snapshot(array(string(b"\xff"), nested_arrays(40))), "utf8", "snapshot")
first("depth-then-utf8-in-snapshot", "in the order of the bytes", snapshot(array(nested_arrays(40), string(b"\xff"))), "depth", "snapshot")
first("snapshot-then-level", "in the order of the bytes", mapping(("snapshot", bin8(b"")), ("level", NIL)), "unsupported", "snapshot")
first("key-no-string-then-value", "in the order of the bytes", mapping((integer(1), NIL), ("level", NIL)), "unsupported")
