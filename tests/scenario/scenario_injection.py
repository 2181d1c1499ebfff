"""Strings that would drive a terminal, split a line, mislead a reader or mean something to a receiver, in every place where
one can be said, through every way out: none arrives as it was. The rules are in docs/SECURITY.md."""

import base64
import glob
import http.client
import json
import os
import pty
import re
import signal
import socket
import subprocess
import unittest

import msgpack
import support
import support_targets as targets
import zmq
from support import event, pack
from support_command import CommandScenario
from support_webhook import Mails, Webhook

# Each begins with a word by which it is found again.
STRINGS = {
    "escape": "EVIL\x1b[2J\x1b]0;title\x07\x1bPq\x1b\\\x1b[1;1H",
    "c1": "EVIL\x9b2J\x9d0;title\x9c\x85\x90",
    "delete": "EVIL\x08\x08\x7f",
    "bidi": "EVIL\u202egnp.exe\u202c\u2066x\u2069\u200f\u061c",
    "line ends": "EVIL\r\nBcc: evil@example.net\r\n\r\nfake: line\n",
    "separators": "EVIL\u2028x\u2029y\ufeff",
    "hidden": "EVIL\u200b\u2060\xad\U000e0041\ufff9",
    "html": "EVIL<script>alert(1)</script><!channel>&lt;<http://evil|x>",
    "format": "EVIL%s%n%5$s%999999d{{summary}}${jndi:ldap://x}",
    "shell": "EVIL$(touch evil)`touch evil`;|&\"'\\",
}
NUL = "EVIL\0x"  # no event may hold it
WHOLE = {name: text for name, text in STRINGS.items() if not re.search("[\x00-\x1f\x7f-\x9f]", text)}

# What no output may hold but for its own line ends; what is hidden, none for people.
DRIVING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
HIDDEN = re.compile("[\xad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufff9-\ufffb\U000e0000-\U000e007f]")
OWN_STYLE = re.compile(r"\x1b\[[0-9;]*[mK]|\r\n")

RULES = """
receivers: {{ops: [{target}]}}
rules:
  - name: {name}
    match: {{type: Numbered}}
    by: [sourceId]
    labels: {{what: "{{{{snapshot.text}}}}", summary: "{{{{summary}}}}"}}
    annotations: {{{name}: "{{{{snapshot.text}}}} {{{{summary}}}} {{{{sourceId}}}}"}}
    keep_firing_for: 1us
    receiver: ops
"""


def events():
    """Each string in each place where an event may have it."""
    yield event(0, snapshot=STRINGS)
    yield event(1, snapshot={text: [{text: text}] for text in STRINGS.values()})
    for number, (name, text) in enumerate(STRINGS.items(), 2):
        yield event(number, snapshot={"text": text, "name": name})
    for number, text in enumerate(WHOLE.values(), 100):
        yield event(number, summary=text, sourceId=text, snapshot={"text": text})


class Injection(CommandScenario):
    def setUp(self):
        super().setUp()
        self.append = f"tcp://127.0.0.1:{support.free_port()}"

    def broker(self, *flags, **options):
        return super().broker("--append", self.append, *flags, **options)

    def check(self, what, out, is_for_people=True, is_expected=True):
        """`out` is UTF-8, holds what was said, and nothing of it that means anything."""
        text = out if isinstance(out, str) else out.decode("utf-8")
        for kind in (DRIVING, HIDDEN) if is_for_people else (DRIVING,):
            found = kind.search(text)
            if found:
                at = found.start()
                self.fail(f"{what}: U+{ord(text[at]):04X} in {text[max(0, at - 60) : at + 60]!r}")
        if is_expected:
            self.assertIn("EVIL", text, what)

    def check_strings(self, what, value, is_expected=True):
        """The same of all strings and keys of a JSON value, as its receiver reads it."""
        texts = []

        def walk(item):
            if isinstance(item, dict):
                texts.extend(item)
                item = list(item.values())
            if isinstance(item, list):
                for part in item:
                    walk(part)
            elif isinstance(item, str):
                texts.append(item)

        walk(value)
        for text in texts:
            self.check(what, text.replace("\n", " "), is_expected=False)
        if is_expected:
            self.assertTrue(any("EVIL" in text for text in texts), what)

    def on_terminal(self, *arguments):
        """What a command writes to a terminal, but for its own colours."""
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [os.environ["TOCSIN"], *arguments], stdin=slave, stdout=slave, stderr=slave,
            env={**os.environ, "TOCSIN_STREAM": self.endpoint, "TERM": "xterm-256color"},
        )  # fmt: skip
        self.addCleanup(process.kill)
        os.close(slave)
        out = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
        os.close(master)
        process.wait(support.DEADLINE_S)
        return OWN_STYLE.sub("\n", out.decode("utf-8"))


class Readers(Injection):
    def test_what_reads_the_log(self):
        broker = self.broker()
        self.send(broker, list(events()))
        with open(os.path.join(self.log_dir, "events.log"), "rb") as log:
            self.check("events.log", log.read(), is_for_people=False)
        past = ["--all"]
        table = [
            *((["sub", *past, "-o", form, "--color", "never"], form) for form in ("short", "iso", "json", "json-pretty")),
            *((["query", "--since", "1d", "-o", form], form) for form in ("short", "iso", "json", "json-pretty")),
            *((["query", "--since", "1d", "--group-by", member], "short") for member in ("sourceId", "snapshot.text")),
            (["query", "--since", "1d", "--dir", self.log_dir], "short"),
            *((["status", "-o", form], form) for form in ("table", "json", "json-pretty", "opensips")),
            *((["log", "--all", "--once", "-o", form], form) for form in ("json", "ome", "logfmt", "cloudevents", "text")),
            (["verify", self.log_dir], "short"),
            (["info"], "short"),
        ]
        for arguments, form in table:
            with self.subTest(" ".join(arguments)):
                out = self.run_command(*arguments)
                is_silent = arguments[0] in ("verify", "info", "status")
                is_for_people = form not in ("json", "json-pretty", "ome", "cloudevents", "opensips", "logfmt")
                self.check(arguments, out, is_for_people, not is_silent)
                self.check(arguments, self.err, is_expected=False)
        for arguments in (["sub", *past], ["query", "--since", "1d"], ["status"], ["info"], ["verify", self.log_dir]):
            with self.subTest(f"{arguments} on a terminal"):
                self.check(arguments, self.on_terminal(*arguments), is_expected=arguments[0] in ("sub", "query"))

    def test_what_the_log_is_written_to(self):
        broker = self.broker()
        self.send(broker, list(events()))
        count = len(support.Log(self.log_dir).lines)
        path = os.path.join(self.dir, "syslog.sock")
        journal, syslog = targets.Datagrams(path + ".journal"), targets.Datagrams(path)
        collector = targets.Collector()
        for target in (journal, syslog, collector):
            self.addCleanup(target.close)
        for target in (f"syslog:unix:{path}", f"journald:{path}.journal", f"otlp:{collector.url}"):
            self.run_command("log", "--all", "--once", "--to", target)
        support.wait_until(lambda: len(journal.messages) >= count and len(syslog.messages) >= count, "the messages")
        for message in syslog.messages:
            self.check("syslog", message.replace(b"\xef\xbb\xbf", b"", 1), False, is_expected=False)
            targets.read_syslog(message)
        for message in journal.messages:
            for name, value in targets.journal_fields(message).items():
                self.assertRegex(name, "^[A-Z][A-Z0-9_]*$")
                self.check(f"journald's {name}", value, False, is_expected=False)
        self.assertTrue(any(b"EVIL" in message for message in syslog.messages))
        self.assertIn("EVIL", json.dumps(collector.records))

    def test_what_is_sent_on(self):
        broker = self.broker()
        self.send(broker, list(events()))
        port = support.free_port()
        other = support.Broker(os.path.join(self.dir, "other"), "--append", f"tcp://127.0.0.1:{port}")
        self.addCleanup(other.close)
        other.start()
        self.run_command("replay", "--to", f"127.0.0.1:{port - 1}", "--speed", "max")
        self.check("replay", self.err, is_expected=False)
        with open(os.path.join(self.dir, "other", "events.log"), "rb") as log:
            self.check("the second log", log.read(), is_for_people=False)


if __name__ == "__main__":
    unittest.main()
