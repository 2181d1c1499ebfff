"""Keys, access files and clients with CURVE: pyzmq's own certificates, and raw sockets that show a key."""

import json
import os
import re
import signal

import zmq
import zmq.auth

from support import Broker, wait_until


class Keys:
    """A folder with the broker's key and any number of others, made by pyzmq."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.pairs = {}
        self.pair("broker")

    def pair(self, name):
        """(public, secret) of a name, made when it is new."""
        if name not in self.pairs:
            _, secret = zmq.auth.create_certificates(self.directory, name)
            os.chmod(secret, 0o600)
            self.pairs[name] = zmq.auth.load_certificate(secret)
        return self.pairs[name]

    def public(self, name):
        return self.pair(name)[0].decode()

    def file(self, name):
        """Its public file."""
        self.pair(name)
        return os.path.join(self.directory, f"{name}.key")

    def secret_file(self, name):
        return self.file(name) + "_secret"

    def write_access(self, path, keys, realms=None):
        """`keys`: {name: rights}, `realms`: {name: topics}. JSON is YAML."""
        content = {"realms": [{"name": name, "topics": topics} for name, topics in realms.items()]} if realms else {}
        content["keys"] = [{"name": name, "public": self.public(name), **rights} for name, rights in keys.items()]
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(content, file)
        os.replace(path + ".new", path)

    def flags(self, access):
        """What makes a broker use them."""
        return ("--curve-key", self.secret_file("broker"), "--access", access)

    def client_flags(self, name):
        """What makes the command line use them."""
        return ("--key", self.secret_file(name), "--server-key", self.file("broker"))

    def dress(self, socket, name, server=None):
        """Gives a socket the keys of `name`."""
        socket.curve_publickey, socket.curve_secretkey = self.pair(name)
        socket.curve_serverkey = self.pair("broker")[0] if server is None else server
        return socket


class CurveContext:
    """Stands for a zmq.Context whose sockets have the keys of `name`."""

    def __init__(self, context, keys, name):
        self.context = context
        self.keys = keys
        self.name = name

    def socket(self, kind):
        return self.keys.dress(self.context.socket(kind), self.name)


def reload(broker):
    """Has the access file read again; returns what the broker says of it."""
    before = len(broker.stderr())
    broker.signal(signal.SIGHUP)
    found = wait_until(
        lambda: re.search(r"the access file .* was read again.*\n|the access file stays as it was: .*\n", broker.stderr()[before:]),
        "what became of the reload",
    )
    return found[0]


def secured(scenario, rights, *flags, realms=None, **options):
    """A broker with keys, and the keys: (broker, keys). All doors are open but those that flags shut; each realm
    ({name: topics}) has a door of its own, live/NAME."""
    keys = Keys(os.path.join(scenario.dir, "keys"))
    access = os.path.join(scenario.dir, "access.yaml")
    keys.write_access(access, rights, realms)
    any_port = "tcp://127.0.0.1:*"
    if realms:
        flags = ("--realms", ",".join(f"{name}={any_port}" for name in realms), *flags)
    broker = Broker(
        scenario.log_dir, "--append", any_port, "--stream", any_port, *keys.flags(access), *flags, **options
    )
    scenario.addCleanup(broker.close)
    broker.access = access
    return broker.start(), keys
