"""Where the broker is, and the keys to it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Optional, Union

import zmq
from zmq.utils import z85

DOORS = ("ingest", "append", "live", "stream")
SERVER_DEFAULT = "127.0.0.1:5560"
_SERVER = re.compile(r"(?:tcp://)?(\[[A-Za-z0-9:.%]+\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_ENDPOINT = re.compile(r"(?:tcp|ipc|inproc)://.+", re.S)


@dataclass(frozen=True)
class Keys:
    """CURVE keys in Z85, 40 characters each: the broker's public key, and your own pair."""

    server: str
    public: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("server", "public", "secret"):
            if not _is_z85_key(getattr(self, name)):
                raise ValueError(f"the {name} key is not 40 characters of Z85")

    @classmethod
    def generate(cls, server: str) -> Keys:
        """A new pair of your own; the broker has to be told of `public`."""
        public, secret = zmq.curve_keypair()
        return cls(server, public.decode(), secret.decode())

    @classmethod
    def load(cls, path: Union[str, os.PathLike[str]], server: str) -> Keys:
        """Your own pair from a certificate file as zcert writes it. `server` is the broker's public key, or the path of a
        certificate file that holds it."""
        own = _read_certificate(path)
        if "public-key" not in own or "secret-key" not in own:
            raise ValueError(f"{os.fspath(path)}: no public-key and secret-key in it")
        if not _is_z85_key(server):
            server = _read_certificate(server).get("public-key", "")
        return cls(server, own["public-key"], own["secret-key"])


def _is_z85_key(text: str) -> bool:
    try:
        return len(text) == 40 and len(z85.decode(text.encode("ascii"))) == 32
    except (ValueError, KeyError, OverflowError):
        return False


def _read_certificate(path: Union[str, os.PathLike[str]]) -> dict[str, str]:
    with open(path, encoding="utf-8") as text:
        found = re.findall(r'^\s*(public-key|secret-key)\s*=\s*"([^"]*)"\s*$', text.read(4096), re.M)
    return dict(found)


def endpoint_of(server: Optional[str], door: str) -> str:
    """tcp://HOST:PORT of one of the four doors of HOST[:BASEPORT]. ValueError for what is no server."""
    match = _SERVER.fullmatch(server or SERVER_DEFAULT)
    port = int(match.group(2) or 5560) if match else 0
    if not match or not 0 < port <= 65532:
        raise ValueError(f"no server: {server!r}; allowed is HOST or HOST:BASEPORT, the port 65532 at most")
    return f"tcp://{match.group(1)}:{port + DOORS.index(door)}"


@dataclass(frozen=True)
class Where:
    """The broker's server, single endpoints that go before it, keys, and the timeout of opening."""

    server: Optional[str] = None
    endpoints: dict[str, Optional[str]] = field(default_factory=dict)
    keys: Optional[Keys] = None
    timeout: Optional[float] = 5.0
    context: Optional[zmq.Context[zmq.Socket[bytes]]] = None

    def __post_init__(self) -> None:
        for door in DOORS:
            self.endpoint(door)

    def endpoint(self, door: str) -> str:
        own = self.endpoints.get(door)
        if own is None:
            return endpoint_of(self.server, door)
        if not _ENDPOINT.fullmatch(own):
            raise ValueError(f"no endpoint: {own!r}; allowed are tcp://HOST:PORT, ipc://PATH and inproc://NAME")
        return own
