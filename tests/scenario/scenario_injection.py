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
TOGETHER = {"characters": "EVIL" + "".join(STRINGS.values()).replace("EVIL", "").replace("%", ""), "format": STRINGS["format"]}
NUL = "EVIL\0x"  # no event may hold it
WHOLE = {name: text for name, text in STRINGS.items() if not re.search("[\x00-\x1f\x7f-\x9f]", text)}

# What no output may hold but for its own line ends; what is hidden, none for people.
DRIVING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
HIDDEN = re.compile("[\xad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufff9-\ufffb\U000e0000-\U000e007f]")
OWN_STYLE = re.compile(r"\x1b\[[0-9;]*[mK]|\r\n")

RULES = """
receivers:
  {receiver}:
{targets}
rules:
{rules}
"""
RULE = """
  - name: {name}
    match: {{snapshot.name: {word}}}
    by: [sourceId]
    labels: {{what: "{{{{snapshot.text}}}}", said: "{{{{summary}}}}"}}
    annotations: {{{name}: "{{{{snapshot.text}}}}", summary: "{{{{summary}}}} {{{{snapshot.text}}}} {{{{sourceId}}}}"}}
    keep_firing_for: 1us
    receiver: {receiver}
"""


def yaml_text(text):
    """In double quotes, with escapes for all that YAML would not take."""
    plain = re.compile(r"[A-Za-z0-9 $%&()*+,./:;<=>?@\[\]^_`{|}~!#'-]")
    return '"' + "".join(c if plain.match(c) else f"\\U{ord(c):08x}" for c in text) + '"'


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def events():
    """Each string in each place where an event may have it."""
    yield event(0, snapshot=STRINGS)
    yield event(1, snapshot={text: [{text: text}] for text in STRINGS.values()})
    for number, (name, text) in enumerate(STRINGS.items(), 2):
        yield event(number, snapshot={"text": text, "name": name})
    for number, (name, text) in enumerate(WHOLE.items(), 100):
        yield event(number, summary=text, sourceId=text, snapshot={"text": text, "name": name})


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
            *((["query", "--since", "1d", "-F", form], "short") for form in ("%{summary} %{sourceId}", "%t %i %s %{snapshot.text} %20.10s")),
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
        self.assertIn("terminal", self.on_terminal("sub", *past, "-o", "raw"))
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


class Alerts(Injection):
    def write_rules(self, receiver, targets, names):
        path = os.path.join(self.dir, "rules.yaml")
        rules = "".join(
            RULE.format(name=yaml_text(name), word=yaml_text(word), receiver=yaml_text(receiver)) for word, name in names
        )
        with open(path, "w", encoding="utf-8") as file:
            file.write(RULES.format(receiver=yaml_text(receiver), targets=targets or "    []", rules=rules))
        return path

    def webhook(self, **options):
        webhook = Webhook(secret=None, **options)
        self.addCleanup(webhook.close)
        return webhook

    def test_names_that_cannot_be_seen_are_refused_and_shown(self):
        for name, text in STRINGS.items():
            is_good = text in WHOLE.values() and not DRIVING.search(text) and not HIDDEN.search(text)
            for receiver, rule in ((text, "good"), ("good", text)):
                path = self.write_rules(receiver, "", [(name, rule)])
                out = self.run_command("alert", "check", path, code=0 if is_good else 2)
                self.check(f"alert check, {name}", out + self.err, is_expected=False)
        path = os.path.join(self.dir, STRINGS["escape"].replace("/", "") + ".yaml")
        os.rename(self.write_rules("good", "", [("html", "good")]), path)
        self.check("alert check", self.run_command("alert", "check", path))
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"  - {yaml_text(STRINGS['c1'])}: {yaml_text(STRINGS['bidi'])}\n")
        self.run_command("alert", "check", path, code=2)
        self.check("alert check", self.err)

    def test_what_receivers_get(self):
        broker, mails = self.broker(), Mails()
        self.addCleanup(mails.close)
        hook, manager, slack, pager = self.webhook(), self.webhook(), self.webhook(), self.webhook()
        got, ran = os.path.join(self.dir, "got"), os.path.join(self.dir, "ran")
        program = os.path.join(self.dir, "program")
        with open(program, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\ncat >{got}.$$; mv {got}.$$ {got}.$$.json; {{ printf "%s\\n" "$@"; env; }} >>{ran}\n')
        os.chmod(program, 0o755)
        private = "allow_private: true"
        path = self.write_rules("good", f"""
    - webhook: {{url: "{hook.url}", {private}}}
    - alertmanager: {{url: "{manager.url}", {private}}}
    - slack: {{url: "{slack.url}", {private}}}
    - pagerduty: {{routing_key: "{"k" * 32}", url: "{pager.url}", {private}}}
    - email: {{smarthost: "smtp://127.0.0.1:{mails.port}", from: a@example.net, to: b@example.net, {private}}}
    - command: {{program: "{program} one two"}}""",
            [(word, WHOLE[word] if word in ("html", "format", "shell") else word) for word in STRINGS])  # fmt: skip
        alerts = 2 * (len(STRINGS) + len(WHOLE))
        out_path = os.path.join(self.dir, "out")
        with open(out_path, "wb") as out, open(out_path + ".err", "wb") as err:
            bridge = subprocess.Popen(
                [os.environ["TOCSIN"], "alert", "--rules", path, "--state", os.path.join(self.dir, "state"), "--all"],
                env={**os.environ, "TOCSIN_STREAM": self.endpoint}, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            )  # fmt: skip
        self.addCleanup(bridge.wait)
        self.addCleanup(bridge.kill)
        self.send(broker, list(events()))
        hooks = (hook, manager, slack, pager)

        def bodies():
            return glob.glob(got + ".*.json")

        support.wait_until(
            lambda: min(len(mails.messages), len(bodies()), *(len(one.taken) for one in hooks)) >= alerts,
            f"{alerts} notices everywhere",
        )
        bridge.send_signal(signal.SIGTERM)
        bridge.wait(support.DEADLINE_S)
        for name in (out_path, out_path + ".err"):
            with open(name, "rb") as file:
                self.check(name, file.read(), is_expected=name == out_path)
        self.check_bodies([body for _, body in hook.taken] + [read_json(body) for body in bodies()])
        self.check_bodies([{"alerts": alerts} for _, alerts in manager.taken])
        for _, body in slack.taken:
            self.check_strings("slack", body)
            self.assertNotRegex(json.dumps(body["text"]) + body["attachments"][0]["text"], "[<>]|&(?!amp;|lt;|gt;)")
        for _, body in pager.taken:
            self.check_strings("pagerduty", body)
        for _, message in mails.messages:
            self.assertEqual(
                sorted(message.keys()),
                sorted(["Date", "From", "To", "Message-ID", "Auto-Submitted", "Subject", "MIME-Version", "Content-Type",
                        "Content-Transfer-Encoding"]))  # fmt: skip
            self.check("a mail's subject", str(message["Subject"]), is_expected=False)
            lines = message.get_payload(decode=True).decode().replace("\r\n", "\n").split("\n")
            self.check("a mail", "\n".join(line for line in lines if not line.startswith("event: ")))
            self.assertEqual(message.get_content_type(), "text/plain")
        with open(ran, encoding="utf-8") as file:
            self.assertNotIn("EVIL", file.read())  # neither in arguments nor in the environment
        self.assertFalse(glob.glob(os.path.join(self.dir, "evil")) or os.path.exists("evil"))
        for form in ("short", "json"):
            out = self.run_command("alert", "test", "--rules", path, "-o", form)
            self.check(f"alert test -o {form}", out, form == "short")

    def check_bodies(self, bodies):
        for body in bodies:
            for alert in body["alerts"]:
                self.check("an event in a notice", alert["annotations"].pop("event", ""), False, False)
            self.check_strings("a notice", body)


class Doors(Injection):
    """What is not taken, and who says so."""

    def dealer(self, endpoint):
        dealer = self.context.socket(zmq.DEALER)
        self.addCleanup(dealer.close, linger=0)
        dealer.connect(endpoint)
        return dealer

    def ask(self, dealer, message):
        dealer.send(message if isinstance(message, bytes) else pack(message))
        self.assertTrue(dealer.poll(support.DEADLINE_S * 1000), message)
        return msgpack.unpackb(dealer.recv())

    def bad_events(self):
        for text in (*STRINGS.values(), NUL):
            yield event(0, **{text: 1})
            for member in ("level", "category", "type", "cause", "time"):
                yield event(0, **{member: text})
            if text not in WHOLE.values():
                yield event(0, sourceId=text)
                yield event(0, summary=text)
        yield event(0, snapshot={"text": NUL})
        yield event(0, snapshot={NUL: 1})

    def test_refused_events(self):
        broker = self.broker("--log-level", "debug")
        bad = list(self.bad_events())
        publisher = self.publisher(broker)
        for one in bad:
            publisher.send(pack(one))
        metrics = support.wait_until(
            lambda: (lambda text: sum_of(text, "tocsin_events_refused_total") >= len(bad) and text)(broker.http("/metrics")[1]),
            "the refusals",
        )  # fmt: skip
        self.check("/metrics", metrics, is_expected=False)
        dealer = self.dealer(self.append)
        self.assertEqual(self.ask(dealer, ["hello", 1, "p", 1])[0], "welcome")
        for n, one in enumerate(bad, 1):
            answer = self.ask(dealer, ["put", n, [one]])
            self.assertEqual(answer[:2], ["nack", n], one)
            dealer.recv()  # the ack
            self.check("a nack's text", answer[4], is_expected=False)
        self.check("tocsind", broker.stderr(), is_expected=False)
        path = os.path.join(self.dir, "bad.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            for one in bad:
                file.write(json.dumps(one) + "\n")
        for flags in (["--ack", "durable"], ["--ack", "none", "--ingest", broker.ports["ingest"]]):
            self.run_command("pub", "--append", self.append, *flags, path, code=4)
            self.check("pub", self.err)

    def test_names_at_the_doors(self):
        broker = self.broker("--log-level", "debug")
        for text in (*STRINGS.values(), NUL):
            for message in (["hello", 1, text, 1], [text], ["hello", 1, {text: text}, 1], text.encode()):
                answer = self.ask(self.dealer(self.append), message)
                self.check("append", str(answer[2]), is_expected=False)
            for message in ([text], ["open", 1, {text: 1}], ["open", 1, {"from": text}], ["open", 1, {"types": [text]}]):
                answer = self.ask(self.dealer(self.endpoint), message)
                self.check("stream", str(answer[2]), is_expected=False)
        self.check("tocsind", broker.stderr(), is_expected=False)

    def test_http(self):
        broker = self.broker("--log-level", "debug")
        host, port = broker.ports["http"].split(":")
        for text in STRINGS.values():
            coded = "".join(f"%{byte:02x}" for byte in text.encode())
            for method, path in (("GET", f"/{coded}"), ("GET", f"/metrics?{coded}"), ("EVIL", "/"), ("GET", "/healthz")):
                connection = http.client.HTTPConnection(host, int(port), timeout=support.DEADLINE_S)
                agent = re.sub("[\r\n]", "", text).encode("utf-8")
                connection.request(method, path, headers={"User-Agent": agent, "X-" + "EVIL": agent})
                answer = connection.getresponse()
                body = answer.read().decode()
                connection.close()
                told = str(answer.headers) + body
                self.assertNotIn("EVIL", told)
                self.assertNotIn("html", answer.headers.get("Content-Type", ""), path)
                self.check(path, told, is_expected=False)
        self.check("tocsind", broker.stderr(), is_expected=False)

    def test_settings_and_access_files(self):
        for name, text in TOGETHER.items():
            broken = [["--name", text], ["--live", text], ["--log-level", text], [f"--{text}"], [text], ["-c", text]]
            for kind, content in (
                ("-c", f"{yaml_text(text)}: 1\n"),
                ("-c", f"log-level: {yaml_text(text)}\n"),
                ("--access", f"keys: [{{name: {yaml_text(text)}, public: x}}]\n"),
                ("--access", f"keys: [{{name: n, {yaml_text(text)}: x}}]\n"),
                ("--access", f"keys: [{{name: n, public: {yaml_text(text)}}}]\n"),
                ("--access", f"keys: [{{name: n, publish: [{yaml_text(text)}], public: y}}]\n"),
            ):
                path = os.path.join(self.dir, f"{len(broken)}.yaml")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(content)
                os.chmod(path, 0o600)
                broken.append([kind, path, *(["--curve-key", "none"] if kind == "--access" else [])])
            for arguments in broken:
                process = subprocess.run(
                    [os.environ["TOCSIND"], "--check-config", *arguments], capture_output=True, check=False,
                    stdin=subprocess.DEVNULL, timeout=support.DEADLINE_S,
                )  # fmt: skip
                self.check(f"tocsind {arguments}, {name}", process.stdout + process.stderr, is_expected=False)

    def in_vain(self, arguments):
        """Nothing is there, and that need not be waited for."""
        waits = arguments[0] in ("sub", "pub", "query", "status", "log", "replay", "info") and "--dir" not in arguments
        return ["--timeout", "50ms"] if waits else []

    def test_what_the_command_line_says_of_its_arguments(self):
        for text in TOGETHER.values():
            for arguments in (
                [text], ["help", text], ["sub", f"--{text}"], ["sub", "-o", text], ["sub", "--since", text], ["sub", "-p", text],
                ["sub", "--stream", text], ["sub", "--seq", text], ["sub", "-g", text + "("], ["query", "--where", text],
                ["sub", "-F", "%{" + text + "}"], ["query", "--group-by", text], ["query", "--dir", text], ["verify", text],
                ["pub", "--append", self.append, text], ["pub", "--key", text, "-m", "x"], ["pub", "-t", text, "-y", text, "-m", "x"],
                ["status", "--at", text], ["log", "--to", text], ["log", "--to", f"file:/none/{text}", "--all"],
                ["alert", "--rules", text], ["alert", "check", text], ["keygen", text], ["keygen", f"/none/{text}"],
                ["init", f"/dev/null/{text}"], ["gateway", text], ["gateway", "opensips", "--source", text],
                ["gateway", "opensips", "--source", "s", "--listen", text], ["gateway", "json", text],
                ["gateway", "json", "--redact", "/" + text + "~"], ["gateway", "ome", "--dir", text, "--state", f"/none/{text}"],
                ["replay", "--to", text, "--speed", text], ["info", "--server-key", text],
            ):  # fmt: skip
                process = subprocess.run(
                    [os.environ["TOCSIN"], *arguments, *self.in_vain(arguments)], cwd=self.dir, stdin=subprocess.DEVNULL, capture_output=True,
                    check=False, timeout=support.DEADLINE_S, env=os.environ,
                )  # fmt: skip
                self.check(f"tocsin {arguments}", process.stdout + process.stderr, is_expected=False)

    def test_a_log_that_was_tampered_with(self):
        broker = self.broker()
        self.send(broker, list(events()))
        broker.stop()
        path = os.path.join(self.log_dir, "events.log")
        with open(path, "rb") as file:
            lines = file.read().splitlines(keepends=True)
        evil = TOGETHER["characters"].replace("\n", " ").encode()
        for bad in (lines[5].replace(b"Numbered", evil), evil + b"\n", lines[5][:40] + evil + b"\n"):
            with open(path, "wb") as file:
                file.writelines([*lines[:5], bad, *lines[6:]])
            for arguments in (["verify", self.log_dir], ["verify", "--json", self.log_dir], ["query", "--dir", self.log_dir],
                              ["status", "--dir", self.log_dir]):  # fmt: skip
                process = self.start(*arguments, text=False)
                out, err = process.communicate(timeout=support.DEADLINE_S)
                self.check(f"{arguments}", out + err, "--json" not in arguments, False)
            code, said = self.broker_that_fails()
            self.assertNotEqual(code, 0)
            self.check("tocsind", said, is_expected=False)


class Gateways(Injection):
    def test_what_gateways_say_and_send(self):
        self.broker()
        path = os.path.join(self.dir, "lines")
        with open(path, "wb") as file:
            for text in (*STRINGS.values(), NUL):
                file.write(text.encode().replace(b"\n", b" ") + b"\n")
                file.write(json.dumps(event(0, **{text: 1})).encode() + b"\n")
                file.write(json.dumps(event(0, category=text)).encode() + b"\n")
                file.write(json.dumps({"jsonrpc": "2.0", "method": "E_" + text, "params": {text: text}}).encode() + b"\n")
        with open(path, "rb") as file:
            lines = file.read()
        os.mkdir(os.path.join(self.dir, "ome"))
        with open(os.path.join(self.dir, "ome", "events.log"), "wb") as file:
            file.write(lines)
        with open(os.path.join(self.dir, "events.csv"), "wb") as file:
            file.write(b"".join(b"E_EVIL," + text.encode() + b"," + text.encode() + b"\n" for text in STRINGS.values()))
        state = os.path.join(self.dir, "state")
        for kind, code in (
            (["json", path], 4),
            (["ome", "--dir", os.path.join(self.dir, "ome"), "--state", state, "--once"], 0),
            (["opensips", "--source", "s", "--flatstore", os.path.join(self.dir, "events.csv"), "--from-start", "--state",
              state + ".flat", "--once"], 0),
        ):  # fmt: skip
            self.run_command("gateway", *kind, "--append", self.append, code=code)
            self.check(kind, self.err, is_expected=False)
        gateway = self.start("gateway", "opensips", "--source", "s", "--listen", f"udp:127.0.0.1:{support.free_port()}",
                             "--append", self.append)  # fmt: skip
        where = gateway.stderr.readline().split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for line in lines.splitlines():
                sender.sendto(line, ("127.0.0.1", int(where[-1])))
                sender.sendto(base64.b64encode(line), ("127.0.0.1", int(where[-1])))
        support.wait_until(lambda: self.is_logged("E_EVILx"), "the last event")
        gateway.send_signal(signal.SIGTERM)
        self.finish(gateway)
        self.check("gateway opensips", self.err, is_expected=False)
        with open(os.path.join(self.log_dir, "events.log"), "rb") as log:
            self.check("events.log", log.read(), is_for_people=False)
        self.check("query", self.run_command("query", "--since", "1d"))

    def is_logged(self, _):
        with open(os.path.join(self.log_dir, "events.log"), "rb") as log:
            return log.read().count(b'"OpenSipsEvent"') >= 2 * len(STRINGS)


def sum_of(metrics, name):
    return sum(float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines() if re.match(name + r"\b", line))


if __name__ == "__main__":
    unittest.main()
