"""Keys, from one end to the other: files, the command line, the library, and who comes in."""

import json
import os
import shlex
import subprocess
import unittest

import msgpack
import support
import zmq
import zmq.auth
from support import event, pack, wait_until
from support_curve import CurveContext, Keys, secured
from support_stream import Stream

EVERYTHING = {"publish": ["*"], "producers": ["*"], "live": True, "read": [""]}


class Curve(support.Scenario):
    def run_tocsin(self, *arguments, env=None, timeout=support.DEADLINE_S):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TOCSIN_")}
        environment.update(env or {})
        return subprocess.run(
            [os.environ["TOCSIN"], *arguments], capture_output=True, text=True, env=environment, timeout=timeout, check=False
        )

    def where(self, broker, *doors):
        return [word for door in doors for word in (f"--{door}", broker.ports[door])]

    def test_keygen_makes_files_that_others_read_and_never_overwrites(self):
        path = os.path.join(self.dir, "sip1")
        made = self.run_tocsin("keygen", path)
        self.assertEqual(made.returncode, 0, made.stderr)
        public, secret = zmq.auth.load_certificate(path + ".key_secret")
        self.assertEqual(public.decode(), made.stdout.strip())
        self.assertEqual(zmq.auth.load_certificate(path + ".key"), (public, None))
        self.assertEqual(os.stat(path + ".key_secret").st_mode & 0o777, 0o600)
        self.assertEqual(zmq.curve_public(secret), public)
        again = self.run_tocsin("keygen", path)
        self.assertEqual(again.returncode, 1)
        self.assertIn("already", again.stderr)
        self.assertEqual(zmq.auth.load_certificate(path + ".key_secret"), (public, secret))
        for name in ("", "a b", "x/y z", "\x1b[31m"):
            bad = self.run_tocsin("keygen", os.path.join(self.dir, name))
            self.assertEqual(bad.returncode, 2, name)
            self.assertNotIn("\x1b", bad.stderr)

    def test_init_makes_a_set_up_that_works_at_once_and_overwrites_nothing(self):
        folder = os.path.join(self.dir, 'a "strange" folder')
        made = self.run_tocsin("init", folder)
        self.assertEqual(made.returncode, 0, made.stderr)
        modes = {name: os.stat(os.path.join(folder, name)).st_mode & 0o777 for name in os.listdir(folder)}
        self.assertEqual(len(modes), 8)
        for name, mode in modes.items():
            self.assertEqual(mode & (0o077 if name.endswith("_secret") else 0o002), 0, name)
        config = os.path.join(folder, "tocsind.yaml")
        checked = subprocess.run([os.environ["TOCSIND"], "--check-config", "-c", config], capture_output=True, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        anywhere = "tcp://127.0.0.1:*"
        broker = self.broker("-c", config, "--append", anywhere, "--stream", anywhere)
        words = shlex.split(made.stdout.strip())
        self.assertEqual(words[:2], ["tocsin", "pub"])
        words[words.index("client.key_secret")] = os.path.join(folder, "client.key_secret")
        sent = self.run_tocsin(*words[1:], *self.where(broker, "append"))
        self.assertEqual(sent.returncode, 0, sent.stderr)
        admin = ("--key", os.path.join(folder, "admin.key_secret"), "--server-key", os.path.join(folder, "broker.key"))
        found = self.run_tocsin("query", "-o", "json", "Test/me", *admin, *self.where(broker, "stream"))
        self.assertEqual(json.loads(found.stdout)["summary"], "hello", found.stderr)
        refused = self.run_tocsin("query", *words[words.index("--key") : words.index("-t")], *self.where(broker, "stream"),
                                  "--timeout", "500ms")  # fmt: skip
        self.assertEqual(refused.returncode, 3)
        broker.stop()
        before = {name: self.content(folder, name) for name in modes}
        for missing in ("", "access.yaml"):
            if missing:
                os.unlink(os.path.join(folder, missing))
                del before[missing]
            again = self.run_tocsin("init", folder)
            self.assertEqual(again.returncode, 1)
            self.assertIn("already", again.stderr)
            self.assertEqual({name: self.content(folder, name) for name in os.listdir(folder)}, before)

    @staticmethod
    def content(folder, name):
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    def test_every_command_works_with_keys_at_every_door(self):
        broker, keys = secured(self, {"sip1": EVERYTHING})
        flags = keys.client_flags("sip1")
        one = ("-t", "TestEvent/a", "-y", "Numbered", "-m", "hello")
        sub = subprocess.Popen(
            [os.environ["TOCSIN"], "sub", "-C", "2", "-o", "json", "-v", *flags, *self.where(broker, "live")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.addCleanup(sub.stdout.close)
        self.addCleanup(sub.stderr.close)
        self.assertIn("connected", sub.stderr.readline())
        for door in ("append", "ingest"):
            sent = self.run_tocsin("pub", *one, *flags, *self.where(broker, door))
            self.assertEqual(sent.returncode, 0, sent.stderr)
        lines = [json.loads(line) for line in sub.communicate(timeout=support.DEADLINE_S)[0].splitlines()]
        self.assertEqual([line["summary"] for line in lines], ["hello", "hello"])
        found = self.run_tocsin("query", "--count", "TestEvent", *flags, *self.where(broker, "stream"))
        self.assertEqual(found.stdout.strip(), "2", found.stderr)
        info = self.run_tocsin("info", "-o", "json", *self.where(broker, "stream"), env={
            "TOCSIN_KEY": keys.secret_file("sip1"), "TOCSIN_SERVER_KEY": keys.public("broker")})  # fmt: skip
        self.assertEqual(json.loads(info.stdout)["head"], broker.metric("tocsin_log_head_seq"), info.stderr)
        broker.stop()

    def test_the_command_line_says_what_is_wrong_with_keys(self):
        keys = Keys(os.path.join(self.dir, "keys"))
        secret, public = keys.secret_file("sip1"), keys.file("broker")
        cases = (
            (("--key", secret), "--server-key"),
            (("--server-key", public), "--key"),
            (("--key", public, "--server-key", public), "has no secret key: the file with it is called NAME.key_secret"),
            (("--key", secret, "--server-key", keys.secret_file("broker")), "secret key"),
            (("--key", "/nowhere", "--server-key", public), "No such file"),
            (("--key", secret, "--server-key", "/nowhere"), "No such file"),
        )
        for flags, words in cases:
            said = self.run_tocsin("info", *flags)
            self.assertEqual(said.returncode, 2, said.stderr)
            self.assertIn(words, said.stderr)

    def assert_told(self, words, *arguments):
        """The command cannot reach the broker, and says why; on an overloaded machine perhaps not the first time."""

        def is_told():
            told = self.run_tocsin(*arguments, "--timeout", "200ms")
            self.assertEqual(told.returncode, 3, told.stderr)
            self.assertIn("no broker answered", told.stderr)
            return words in told.stderr

        wait_until(is_told, f"{arguments} says: {words}")

    def test_who_is_not_let_in_is_told_why(self):
        broker, keys = secured(self, {"sip1": EVERYTHING})
        doors = {"stream": ["info"], "live": ["sub"], "append": ["pub", "-t", "Test/a", "-y", "T"], "ingest": ["pub", "-t", "Test/a", "-y", "T"]}
        for door, command in doors.items():
            command += self.where(broker, door)
            self.assert_told("does not let this key in", *command, *keys.client_flags("stranger"))
            another_server = ("--key", keys.secret_file("sip1"), "--server-key", keys.public("stranger"))
            self.assert_told("another key than --server-key says", *command, *another_server)
            self.assert_told("asks for keys", *command)
        broker.stop()
        self.assert_told("nobody listens there", "info", *self.where(broker, "stream"))
        self.assert_told("nobody listens there", "info", "--stream", f"ipc://{self.dir}/nobody")
        self.assert_told("host is not known", "info", "--stream", "tcp://host.invalid:5563")

    def test_the_broker_refuses_to_start_where_it_would_be_open_or_its_keys_are_not_safe(self):
        keys = Keys(os.path.join(self.dir, "keys"))
        access = os.path.join(self.dir, "access.yaml")
        keys.write_access(access, {"sip1": EVERYTHING})
        open_access = access + ".open"
        keys.write_access(open_access, {})
        os.chmod(open_access, 0o666)
        loose = keys.secret_file("loose")
        os.chmod(loose, 0o640)
        cases = (
            (("--live", "tcp://*:*"), "other machines"),
            (("--ingest", "tcp://0.0.0.0:*"), "other machines"),
            (("--append", "tcp://[::]:*"), "other machines"),
            (("--curve-key", keys.secret_file("broker")), "goes with access"),
            (("--access", access), "goes with curve-key"),
            (("--curve-key", loose, "--access", access), "can be read by others"),
            (("--curve-key", keys.file("broker"), "--access", access), "has no secret key: the file with it is called NAME.key_secret"),
            (("--curve-key", access, "--access", access), "it is no key file"),
            (("--curve-key", "/nowhere", "--access", access), "No such file"),
            ((*keys.flags("/nowhere"),), "No such file"),
            ((*keys.flags(open_access),), "changed by everybody"),
        )
        for flags, words in cases:
            code, said = self.broker_that_fails(*flags)
            self.assertEqual(code, 2, said)
            self.assertIn(words, said)
        self.broker("--live", "tcp://*:*", "--insecure").stop()
        checked = subprocess.run(
            [os.environ["TOCSIND"], "--check-config", *keys.flags(open_access)], capture_output=True, text=True, check=False
        )
        self.assertEqual(checked.returncode, 2)
        self.assertIn("changed by everybody", checked.stderr)

    def test_raw_sockets_with_a_good_key_are_served_at_every_door_beyond_loopback_too(self):
        everywhere = ("--ingest", "tcp://*:*", "--append", "tcp://*:*", "--live", "tcp://*:*", "--stream", "tcp://*:*")
        broker, keys = secured(self, {"sip1": EVERYTHING}, *everywhere)
        for door in ("ingest", "append", "live", "stream"):
            broker.ports[door] = broker.ports[door].replace("0.0.0.0", "127.0.0.1")
        context = CurveContext(self.context, keys, "sip1")
        subscriber = support.Subscriber(context, broker.ports["live"], (b"TestEvent/",))
        publisher = context.socket(zmq.XPUB)
        publisher.connect(broker.ports["ingest"])
        self.assertTrue(publisher.poll(support.DEADLINE_S * 1000))
        publisher.send(pack(event(1)))
        subscriber.take_until(1)
        appender = context.socket(zmq.DEALER)
        appender.connect(broker.ports["append"])
        appender.send(msgpack.packb(["hello", 1, "sip1", 1]))
        self.assertEqual(msgpack.unpackb(appender.recv())[0], "welcome")
        stream = Stream(context, broker.ports["stream"])
        stream.open(**{"from": "first", "follow": False, "filters": ["TestEvent/"]})
        self.assertEqual(len(stream.take_all()), 1)
        wait_until(lambda: broker.metric("tocsin_handshakes_accepted_total") == 4, "four handshakes")
        self.assertEqual(broker.metric("tocsin_handshakes_denied_total"), 0)
        broker.stop()


if __name__ == "__main__":
    unittest.main()
