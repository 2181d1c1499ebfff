"""The text of the log, PROTOCOL.md section 5: a part of the oracle."""
import calendar
import hashlib

LOG_ORDER = ["time", "level", "category", "type", "sourceId", "summary", "cause", "snapshot"]

ESCAPED = (
    set(range(0x20)) | set(range(0x7F, 0xA0)) | {0x61C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF}
    | set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A))
)
LETTERS = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def string_text(text):
    out = []
    for char in text:
        if char in LETTERS:
            out.append(LETTERS[char])
        elif ord(char) in ESCAPED:
            out.append("\\u%04x" % ord(char))
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def value_text(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return string_text(value)
    if isinstance(value, list):
        return "[" + ",".join(value_text(item) for item in value) + "]"
    return "{" + ",".join(string_text(key) + ":" + value_text(item) for key, item in value) + "}"


def members_text(event):
    return ",".join(string_text(key) + ":" + value_text(event[key]) for key in LOG_ORDER if key in event)


def event_text(event):
    return "{" + members_text(event) + "}"


def received_text(received_us):
    """Microseconds since 1970 as UTC text; days are counted off by the calendar, year by year and month by month."""
    seconds, micros = divmod(min(received_us, 253402300799999999), 1000000)
    days, second = divmod(seconds, 86400)
    cycles, days = divmod(days, 146097)
    year = 1970 + 400 * cycles
    while days >= 365 + calendar.isleap(year):
        days -= 365 + calendar.isleap(year)
        year += 1
    month = 1
    while days >= calendar.monthrange(2000 + year % 400, month)[1]:
        days -= calendar.monthrange(2000 + year % 400, month)[1]
        month += 1
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % (
        year, month, days + 1, second // 3600, second // 60 % 60, second % 60, micros)


def line_text(event, seq, prev, received_us, batch, producer=None, n=None):
    """A line of the log up to its hash: what the chain covers."""
    out = '{"seq":%d,"received":"%s",%s,"prev":%d' % (seq, received_text(received_us), members_text(event), prev)
    if producer is not None:
        out += ',"producer":%s,"n":%d' % (string_text(producer), n)
    return out + ',"batch":%d' % batch


def chain_start(log_id):
    return hashlib.blake2b(b"tocsin-log-1" + log_id.encode(), digest_size=32).digest()


def chain_next(hash_before, line):
    """H(i), and the line as it stands in the file, without its LF."""
    hash_now = hashlib.blake2b(hash_before + line.encode(), digest_size=32).digest()
    return hash_now, line + ',"hash":"%s"}' % hash_now[:16].hex()
