"""Records and lines of the log: one file of a log each, with its chain."""
from pack import *  # noqa: F401,F403 (this module is a list made of its words)

# (name, note, log_id, lines); a line: (seq, prev, received_us, batch, producer or None, n, event's bytes)
CASES = []

US = 1795221000125000  # 2026-11-21T00:30:00.125Z
AT = [US + 1000 * i for i in range(8)]
ID = "00112233445566778899aabbccddeeff"
good = event(time=string("2026-11-21T09:30:00.125+09:00"), summary=string("good"))
full = mapping(*FULL.items())

CASES.append(("one-line", "a log of one line", ID, [(1, 0, US, 1, None, 0, full)]))
CASES.append(("several-lines", "prev is the line before on the same topic; batch the first of its batch", ID, [
    (1, 0, AT[0], 1, None, 0, good), (2, 0, AT[1], 2, None, 0, full), (3, 1, AT[1], 2, "encoder-7", 1, good),
    (4, 3, AT[2], 2, "encoder-7", 2, good), (5, 2, AT[3], 5, "a.b_c-D", 18446744073709551615, full)]))
CASES.append(("time-of-receipt", "an event without time gets its received as the last member of its map", ID, [
    (1, 0, 0, 1, None, 0, event()), (2, 1, US, 1, None, 0, event()),
    (3, 2, 253402300799999999, 1, None, 0, mapping(*reversed(pairs()))),
    (4, 3, 253402300799999999, 1, None, 0, event(snapshot=mapping(("time", NIL)))),
    (5, 4, 253402300799999999, 1, None, 0, map32(*pairs()))]))
CASES.append(("numbers", "seq, prev and received in every width", "f" * 32, [
    (seq, seq - 1, received, seq, None, 0, good) for seq, received in zip(
        [1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, 9223372036854775807, 9223372036854775808,
         18446744073709551615],
        [0, 1, 999999, 1000000, 68169599999999, 951782400000000, 951868799999999, 1709164800000000, 4107542400000000,
         4294967295000000, 32503680000000000, 253402300799999999])]))
CASES.append(("escapes", "the chain covers the bytes as they stand in the file", "0123456789abcdef" * 2, [
    (1, 0, US, 1, None, 0, event(summary=string("\u202e\ufeff\u00e9\U0001f600\"\\"), time=string("2026-11-21T00:30:00Z"),
                                 snapshot=mapping(("\x1b", string("\x7f\n\u2028")), ("f", f64(-0.0)))))]))
