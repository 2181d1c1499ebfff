"""Numbers against Python: repr() of what we write, float() of what we read, and every power of ten computed anew.

usage: test_number_repr.py NUMBER_ECHO POWER_OF_TEN_DEF
"""

import random
import re
import struct
import subprocess
import sys
import unittest

SEED = 20261121
COUNT = 60000
E_INVALID = "-2"


def double_of(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def bits_of(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def is_finite(bits):
    return bits >> 52 & 0x7FF != 0x7FF


def echo(texts):
    done = subprocess.run([ECHO], input="\n".join(texts) + "\n", stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


class NumberTest(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)

    def assert_echoed(self, texts):
        answers = echo(texts)
        self.assertEqual(len(answers), len(texts))
        for text, answer in zip(texts, answers):
            value = float(text)
            want = E_INVALID if value in (float("inf"), float("-inf")) else f"{bits_of(value):016x} {value!r}"
            self.assertEqual(answer, want, text[:100])

    def test_random_bits_are_spelled_as_repr_spells_them(self):
        bits = (self.random.getrandbits(64) for _ in range(COUNT))
        self.assert_echoed([repr(double_of(b)) for b in bits if is_finite(b)])

    def test_subnormal_numbers_are_spelled_as_repr_spells_them(self):
        bits = (self.random.getrandbits(self.random.randrange(1, 53)) for _ in range(COUNT // 4))
        self.assert_echoed([repr(double_of(b)) for b in bits] + [repr(double_of(b)) for b in range(1000)])

    def test_decimals_as_people_have_them_are_spelled_as_repr_spells_them(self):
        values = [self.random.randrange(10 ** self.random.randrange(1, 18)) / 10 ** self.random.randrange(12)
                  for _ in range(COUNT // 2)]
        self.assert_echoed([repr(v) for v in values])

    def test_powers_of_two_and_ten_and_their_neighbours_are_spelled_as_repr_spells_them(self):
        middles = [e << 52 for e in range(2047)] + [bits_of(float(f"1e{e}")) for e in range(-323, 309)]
        bits = (middle + d for middle in middles for d in (-2, -1, 0, 1, 2))
        self.assert_echoed([repr(double_of(b)) for b in bits if b >= 0])

    def test_random_texts_are_read_as_float_reads_them(self):
        def digits(count):
            return "".join(self.random.choice("0123456789") for _ in range(count))

        def text():
            whole = digits(self.random.randrange(1, 30)).lstrip("0") or "0"
            return f"{whole}.{digits(self.random.randrange(1, 30))}e{self.random.randrange(-350, 320)}"

        self.assert_echoed([text() for _ in range(COUNT // 4)])

    def test_midpoints_and_what_lies_beside_them_are_read_as_float_reads_them(self):
        """Exact decimal texts of midpoints between doubles: up to 768 digits, with a sticky digit far behind."""
        texts = []
        while len(texts) < COUNT // 6:
            bits = self.random.getrandbits(self.random.choice((52, 63)))
            if not is_finite(bits):
                continue
            odd = 2 * (bits & (1 << 52) - 1 | (bits >> 52 > 0) << 52) + 1
            exponent = max(bits >> 52, 1) - 1076
            digits = odd * (5 ** -exponent if exponent < 0 else 2 ** exponent)
            tail = f"e{min(exponent, 0)}"
            texts += [f"{digits}{tail}", f"{digits - 1}{tail}", f"{digits + 1}{tail}", f"{digits}.{'0' * 900}1{tail}"]
        self.assert_echoed(texts)


class TableTest(unittest.TestCase):
    def test_every_power_of_ten_is_its_first_128_bits(self):
        with open(DEF, encoding="ascii") as file:
            rows = re.findall(r"^POWER_OF_TEN\((-?\d+), 0x([0-9a-f]{16}), 0x([0-9a-f]{16})\)$", file.read(), re.M)
        self.assertEqual([int(row[0]) for row in rows], list(range(-292, 325)))
        for exponent, high, low in rows:
            power = 10 ** abs(int(exponent))
            if int(exponent) >= 0:
                bits = power << 128 >> power.bit_length()
            else:
                bits = (1 << 127 + power.bit_length()) // power
            self.assertEqual(f"{bits:032x}", high + low, exponent)


if __name__ == "__main__":
    ECHO, DEF = sys.argv[1:3]
    print(f"seed {SEED}", flush=True)
    unittest.main(argv=sys.argv[:1])
