"""Events that every reader must accept: (name, note, bytes)."""
import struct

from pack import *  # noqa: F401,F403 (this module is a list made of its words)

CASES = []


def case(name, note, data):
    CASES.append((name, note, data))


def values(name, note, *items):
    case("snapshot-" + name, note, snapshot(array(*items)))


# --- The map itself -------------------------------------------------------------------------------------------------

full = list(FULL.items())
case("minimal", "the five required keys, as short as they can be", event())
case("full", "every key, in the order of the log", mapping(*full))
case("keys-reversed", "keys may come in any order; the log has its own", mapping(*full[::-1]))
for shift in range(1, 8):
    case("keys-rotated-%d" % shift, "keys in another order", mapping(*full[shift:], *full[:shift]))
case("head-map16", "a map head longer than needed", map16(*full))
case("head-map32", "a map head longer than needed", map32(*full))
for name, head in ("str8", str8), ("str16", str16), ("str32", str32):
    case("keys-" + name, "keys with string heads longer than needed", mapping(*[(head(k), v) for k, v in full]))
    case("values-" + name, "texts with string heads longer than needed", mapping(
        ("time", head("2026-11-21T00:30:00Z")), ("level", head("Error")), ("category", head("CoreEvent")),
        ("type", head("E_CORE_LOG")), ("sourceId", head("sip-1")), ("summary", head("line")), ("cause", head("x"))))

# --- Levels and tokens ----------------------------------------------------------------------------------------------

for level in "Trace", "Debug", "Info", "Warning", "Error":
    case("level-" + level.lower(), "the level " + level, event(level=string(level)))

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
for field, most in ("category", 64), ("type", 128), ("cause", 128):
    case(field + "-1-byte", "the shortest", event(**{field: string("x")}))
    case("%s-%d-bytes" % (field, most), "the longest", event(**{field: string(("x" * most))}))
    case(field + "-letters", "every letter", event(**{field: string(LETTERS)}))
    case(field + "-digits-and-marks", "every other character that is allowed", event(**{field: string("-._0123456789")}))
    case(field + "-dots", "nothing but dots is a token too", event(**{field: string("..")}))

# --- Lines of text --------------------------------------------------------------------------------------------------

SOURCES = [
    ("server", "a server's id", "f5b1a1d3-2a4c-4d1f-9d3e-0f5a7c1b2e3d"),
    ("vhost", "a virtual host", "default"),
    ("app", "an application", "#default#app"),
    ("stream", "a stream", "#default#app/stream"),
    ("stream-with-slashes", "a stream whose name holds slashes", "#default#app/a/b//c"),
    ("slash", "nothing but a slash: the topic has two", "/"),
    ("tilde", "a tilde is kept for topics of the protocol only where the topic begins", "~"),
    ("spaces", "spaces count, also at the ends", "  two  words  "),
    ("quotes", "what JSON must escape", 'a"b\\c'),
    ("sip-uri", "an address", "sip:alice@example.com;transport=tcp"),
    ("emoji", "characters of four bytes", "\U0001f3a5 cam \U0001f468\u200d\U0001f469\u200d\U0001f467"),
    ("hangul", "characters of three bytes", "\uc11c\ubc84-1"),
    ("line-separator", "U+2028 is no control character: allowed, and escaped in the log", "a\u2028b"),
    ("bidi", "bidi controls are allowed, and escaped in the log", "a\u202eb\u2069c"),
    ("byte-order-mark", "U+FEFF is allowed, and escaped in the log", "\ufeffa"),
    ("last-character", "U+10FFFF", "\U0010ffff"),
    ("no-break-space", "U+00A0, the first character above the C1 controls", "\u00a0"),
]
for name, note, text in SOURCES:
    case("source-id-" + name, note, event(sourceId=string(text)))
case("source-id-1-byte", "the shortest", event(sourceId=string("s")))
case("source-id-128-bytes", "the longest", event(sourceId=string("s" * 128)))
case("source-id-128-bytes-of-4-byte-characters", "32 characters, 128 bytes", event(sourceId=string("\U0001f600" * 32)))
case("topic-longest", "category and sourceId at their limits: 193 bytes and the NUL",
     event(category=string("c" * 64), sourceId=string("s" * 128)))
case("topic-tilde-inside", "~ is no character of a category, so no event has a topic of the protocol's own",
     event(category=string("_"), sourceId=string("~x")))

case("summary-empty", "the summary may be empty", event(summary=string("")))
case("summary-1-byte", "one character", event(summary=string("x")))
case("summary-31-bytes", "the longest fixstr", event(summary=string("x" * 31)))
case("summary-32-bytes", "the first length of str8", event(summary=string("x" * 32)))
case("summary-255-bytes", "the longest str8", event(summary=string("x" * 255)))
case("summary-256-bytes", "the first length of str16", event(summary=string("x" * 256)))
case("summary-8192-bytes", "the longest", event(summary=string("x" * 8192)))
case("summary-8192-bytes-of-escapes", "the longest, and every byte of it escaped", event(summary=string('"' * 8192)))
case("summary-8190-bytes-of-3-byte-characters", "2730 characters", event(summary=string("\ud55c" * 2730)))
case("summary-2-byte-characters", "the first and the last that are no controls", event(summary=string("\u00a0\u07ff")))
case("summary-3-byte-characters", "the ends of the ranges", event(summary=string("\u0800\ud7ff\ue000\uffff")))
case("summary-4-byte-characters", "the ends of the range", event(summary=string("\U00010000\U0010ffff")))
case("summary-noncharacters", "noncharacters are characters", event(summary=string("\ufdd0\ufffe\uffff\U0001fffe")))
case("summary-separators", "escaped: U+2028, U+2029", event(summary=string("a\u2028b\u2029c")))
case("summary-bidi", "escaped: every bidi control", event(
    summary=string("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")))
case("summary-neighbours-of-bidi", "not escaped: the characters around those that are", event(
    summary=string("\u061b\u061d\u200d\u2010\u2027\u202f\u2065\u206a\ufefe\uff00\u00a0~")))
case("summary-byte-order-mark", "escaped: U+FEFF", event(summary=string("a\ufeff")))
case("summary-slash", "not escaped: the slash, and what only HTML fears", event(summary=string("/</script>&'")))
case("summary-quotes", "escaped: quote and backslash", event(summary=string('\\"\\\\""')))
case("summary-looks-like-json", "a text is a text", event(summary=string('","level":"Error","x":"')))
case("summary-looks-escaped", "a backslash and letters are not an escape", event(summary=string("\\u0041\\n")))

# --- Times ----------------------------------------------------------------------------------------------------------

TIMES = [
    ("utc", "2026-11-21T00:30:00Z"),
    ("epoch", "1970-01-01T00:00:00Z"),
    ("before-epoch", "1969-12-31T23:59:59.999999999Z"),
    ("year-0", "0000-01-01T00:00:00Z"),
    ("year-0-leap-day", "0000-02-29T00:00:00Z"),
    ("year-9999", "9999-12-31T23:59:59.999999999Z"),
    ("leap-day", "2024-02-29T12:00:00Z"),
    ("leap-day-of-a-fourth-century", "2000-02-29T12:00:00Z"),
    ("offset-east", "2026-11-21T09:30:00+09:00"),
    ("offset-west", "2026-11-21T09:30:00-03:30"),
    ("offset-zero", "2026-11-21T09:30:00+00:00"),
    ("offset-minus-zero", "2026-11-21T09:30:00-00:00"),
    ("offset-farthest-east", "2026-11-21T09:30:00+23:59"),
    ("offset-farthest-west", "2026-11-21T09:30:00-23:59"),
    ("leap-second", "2016-12-31T23:59:60Z"),
    ("leap-second-fraction", "2016-12-31T23:59:60.999999999Z"),
    ("leap-second-east", "2017-01-01T08:59:60+09:00"),
    ("leap-second-west", "2016-12-31T15:59:60-08:00"),
    ("leap-second-half-hours", "2017-01-01T05:29:60+05:30"),
    ("leap-second-any-day", "2026-11-21T23:59:60Z"),
    ("midnight", "2026-11-21T00:00:00Z"),
    ("last-second", "2026-11-21T23:59:59Z"),
] + [("fraction-%d-digits" % digits, "2026-11-21T09:30:00.%s+09:00" % "125000001"[:digits]) for digits in range(1, 10)]
for month, day in zip(range(1, 13), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)):
    TIMES.append(("end-of-month-%02d" % month, "2026-%02d-%02dT23:59:59Z" % (month, day)))
for name, text in TIMES:
    case("time-" + name, "the log has the text as it came", event(time=string(text)))

# --- Snapshots: scalars ---------------------------------------------------------------------------------------------

case("snapshot-nil", "nil is a snapshot; that is not the same as none", snapshot(NIL))
case("snapshot-true", "a snapshot need not be a map", snapshot(TRUE))
case("snapshot-false", "a snapshot need not be a map", snapshot(FALSE))
case("snapshot-integer", "a snapshot need not be a map", snapshot(integer(42)))
case("snapshot-text", "a snapshot need not be a map", snapshot(string("text")))
case("snapshot-float", "a snapshot need not be a map", snapshot(f64(1.0)))
for bits in 7, 8, 16, 32, 63, 64:
    near = [number for number in (2 ** bits - 2, 2 ** bits - 1, 2 ** bits, 2 ** bits + 1) if number < 2 ** 64]
    values("integers-around-2-to-%d" % bits, "shortest encodings", *map(integer, near))
for bits in 5, 7, 15, 31, 63:
    near = [-(2 ** bits) + step for step in (1, 0, -1) if -(2 ** bits) + step >= -(2 ** 63)]
    values("integers-around-minus-2-to-%d" % bits, "shortest encodings", *map(integer, near))
values("integer-extremes", "2^64-1 and -2^63: no JSON reader may round them", uint(8, 2 ** 64 - 1), sint(8, -(2 ** 63)))
values("integer-above-2-to-53", "doubles cannot hold it", integer(2 ** 53 + 1), integer(-(2 ** 53) - 1))
for number in 0, 1, 127:
    values("integer-%d-in-every-width" % number, "unsigned and signed forms, longer than needed", be(1, number),
           *[uint(size, number) for size in (1, 2, 4, 8)], *[sint(size, number) for size in (1, 2, 4, 8)])
for number in -1, -32, -33, -128:
    values("integer-minus-%d-in-every-width" % -number, "forms longer than needed",
           *[sint(size, number) for size in (1, 2, 4, 8)])
values("integers-signed-and-positive", "a positive number in a signed form", sint(1, 127), sint(2, 32767),
       sint(4, 2 ** 31 - 1), sint(8, 2 ** 63 - 1))
values("integers-powers-of-ten", "every count of digits", *[integer(10 ** n) for n in range(20)],
       *[integer(10 ** n - 1) for n in range(1, 20)])

values("float64-zeros", "the sign of zero stays", f64(0.0), f64(-0.0))
values("float64-whole", "always a point or an exponent", f64(1.0), f64(-1.0), f64(30.0), f64(100.0), f64(123456789.0))
values("float64-fractions", "the shortest text that reads back the same", f64(0.1), f64(0.3), f64(1 / 3), f64(59.94),
       f64(0.1 + 0.2), f64(2.5), f64(-1.5e-7), f64(3.141592653589793))
values("float64-fixed-or-exponent", "from 1e-04 to below 1e+16 without exponent, as Python's repr", f64(1e-4), f64(1e-5),
       f64(0.00012345), f64(0.000012345), f64(1e15), f64(1e16), f64(9999999999999998.0), f64(1e17), f64(12345678901234567.0))
values("float64-smallest", "subnormal numbers", f64(5e-324), f64(1e-323), f64(2.225073858507201e-308), f64(-5e-324))
values("float64-normal-limits", "the smallest normal and the largest", f64(2.2250738585072014e-308),
       f64(1.7976931348623157e308), f64(-1.7976931348623157e308))
values("float64-around-2-to-53", "where whole numbers begin to have gaps", f64(2.0 ** 53 - 1), f64(2.0 ** 53),
       f64(2.0 ** 53 + 2), f64(2.0 ** 63), f64(2.0 ** 64))
values("float64-powers-of-ten", "from 1e+20 to 1e+30, where naive printers go wrong", *[f64(10.0 ** n) for n in range(20, 31)])
values("float64-hard-to-print", "known trials of shortest printing", f64(9007199254740993.0), f64(4.35), f64(2 ** -44),
       f64(5e-324 * 3), f64(8.41e21), f64(2.0 ** -1074 * 7), f64(1.2345678901234567e-300), f64(6.02214076e23))
values("float64-powers-of-two", "the gaps below and above differ", *[f64(2.0 ** n) for n in range(-1074, 1024, 41)])
values("float32-widened", "float32 as the double that it is", f32(59.94), f32(0.1), f32(1.5), f32(-30.0), f32(16777216.0))
values("float32-limits", "subnormal, normal and largest", f32(1e-45), f32(1.1754942e-38), f32(1.1754944e-38), f32(3.4028235e38))
values("float32-zeros", "the sign of zero stays", f32(0.0), f32(-0.0))

# --- Snapshots: texts -----------------------------------------------------------------------------------------------

values("text-c0", "every control character but U+0000, escaped", *[string(chr(code)) for code in range(1, 32)])
values("text-del-and-c1", "escaped", *[string(chr(code)) for code in range(0x7F, 0xA0)])
values("text-newlines", "a snapshot's text may have lines", string("a\r\nb\n\tc\b\f"))
values("text-terminal", "escape sequences reach no terminal", string("\x1b[2J\x1b]0;title\x07\x9b31m"))
values("text-separators", "escaped", string("\u2028"), string("\u2029"), string("\ufeff"))
values("text-bidi", "escaped", *[string(chr(code)) for code in
                                 [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]])
values("text-latin1", "not escaped", string("".join(map(chr, range(0xA0, 0x100)))))
values("text-astral", "as UTF-8, never as a pair of surrogates", string("\U0001f600"), string("\U0001d11e\U0010fffd"))
values("text-ascii", "every printable character", string("".join(map(chr, range(0x20, 0x7F)))))
for name, char in ("quote", '"'), ("newline", "\n"), ("delete", "\x7f"), ("c1", "\x85"), ("separator", "\u2028"), ("emoji", "\U0001f600"):
    values("text-%s-at-every-offset" % name, "wherever it lies in a machine word",
           *[string("x" * before + char + "y" * (17 - before)) for before in range(18)])
values("text-lengths", "fixstr, str8 and str16 at their limits", *[string("x" * n) for n in (0, 1, 31, 32, 255, 256)])
values("text-heads", "heads longer than needed", str8(""), str16(""), str32(""), str8("a"), str16("a"), str32("a"))

# --- Snapshots: containers ------------------------------------------------------------------------------------------

case("snapshot-empty-array", "[]", snapshot(array()))
case("snapshot-empty-map", "{}", snapshot(mapping()))
case("snapshot-empty-containers", "nested and empty", snapshot(array(array(), mapping(), array(array(mapping())))))
case("snapshot-heads-of-empty-containers", "heads longer than needed",
     snapshot(array(array16(), array32(), map16(), map32())))
case("snapshot-heads-of-containers", "heads longer than needed",
     snapshot(array32(array16(integer(1)), map16(("a", integer(1))), map32(("b", integer(2)), ("a", NIL)))))
for count in 15, 16, 17:
    case("snapshot-array-of-%d" % count, "the limit of the one-byte head", snapshot(array(*[integer(i) for i in range(count)])))
for count in 15, 16, 17, 40, 300:
    case("snapshot-map-of-%d" % count, "keys in their order",
         snapshot(mapping(*[("k%d" % (count - i), integer(i)) for i in range(count)])))
case("snapshot-key-empty", "the empty text is a key", snapshot(mapping(("", integer(1)), ("a", integer(2)))))
case("snapshot-keys-escaped", "keys are texts like others",
     snapshot(mapping(('"', NIL), ("\\", NIL), ("\n", NIL), ("\u2028", NIL), ("\x7f", NIL), ("\U0001f600", NIL))))
case("snapshot-keys-alike", "different bytes, different keys", snapshot(mapping(
    ("\u00e9", NIL), ("e\u0301", NIL), ("a", NIL), ("A", NIL), ("aa", NIL), ("a ", NIL), (" a", NIL))))
case("snapshot-keys-long", "keys that differ in their last byte",
     snapshot(mapping(*[("k" * 300 + chr(ord("a") + i), integer(i)) for i in range(20)])))
case("snapshot-keys-of-an-event", "names of the event mean nothing in a snapshot",
     snapshot(mapping(("level", string("x")), ("seq", NIL), ("hash", NIL), ("snapshot", mapping(("snapshot", NIL))))))
case("snapshot-same-keys-apart", "the same keys in different maps",
     snapshot(mapping(("a", mapping(("a", NIL), ("b", NIL))), ("b", array(mapping(("a", NIL)), mapping(("a", NIL)))))))
sixty = [("k%d" % i, NIL) for i in range(60)]
case("snapshot-same-keys-in-large-maps", "the same keys in different maps, one within the other",
     snapshot(mapping(*sixty, ("inner", mapping(*sixty)), ("after", mapping(*sixty)))))
case("snapshot-depth-32-arrays", "the deepest", snapshot(nested_arrays(32)))
case("snapshot-depth-32-maps", "the deepest", snapshot(nested_maps(32)))
case("snapshot-depth-32-arrays-with-value", "a scalar is no container", snapshot(nested_arrays(32, integer(1))))
case("snapshot-depth-32-maps-with-value", "a scalar is no container", snapshot(nested_maps(32, string("x"))))
case("snapshot-depth-32-mixed", "arrays and maps in turn", snapshot((b"\x91" + b"\x81" + string("k")) * 15 + b"\x91\x80"))
case("snapshot-depth-32-twice", "depth is not size",
     snapshot(array(nested_arrays(31), nested_maps(31), nested_arrays(31, NIL))))
case("snapshot-like-a-stream", "as a media server would tell of a stream", mapping(
    ("time", string("2026-11-21T09:30:00.125+09:00")), ("level", string("Info")), ("category", string("StreamEvent")),
    ("type", string("StreamCreated")), ("sourceId", string("#default#app/stream")),
    ("summary", string("A new stream has been created")),
    ("snapshot", mapping(
        ("name", string("stream")), ("createdTime", string("2026-11-21T09:30:00.100+09:00")),
        ("tracks", array(
            mapping(("id", integer(0)), ("type", string("Video")), ("video", mapping(
                ("codec", string("H264")), ("width", integer(1920)), ("height", integer(1080)),
                ("framerate", f64(59.94)), ("bitrate", integer(2500000)), ("bypass", TRUE)))),
            mapping(("id", integer(1)), ("type", string("Audio")), ("audio", mapping(
                ("codec", string("AAC")), ("samplerate", integer(48000)), ("channel", integer(2)))))))))))
case("snapshot-like-a-core-event", "as a SIP server would tell of its memory", mapping(
    ("level", string("Warning")), ("category", string("CoreEvent")), ("type", string("E_CORE_PKG_THRESHOLD")),
    ("sourceId", string("sip-1")), ("summary", string("private memory is above its threshold")),
    ("snapshot", mapping(("usage", integer(90)), ("threshold", integer(80)), ("used", integer(1887436)),
                         ("size", integer(2097152)), ("pid", integer(4242))))))
case("everything-long", "no encoding is the shortest", map32(
    (str32("snapshot"), map32((str32("f"), b"\xca" + struct.pack(">f", 0.5)), (str16("i"), sint(8, 1)))),
    (str16("cause"), str16("c")), (str8("summary"), str32("s")), (str32("sourceId"), str32("x")),
    (str8("type"), str8("t")), (str8("category"), str16("c")), (str16("level"), str32("Trace")),
    (str32("time"), str32("2026-11-21T00:30:00Z"))))
