"""What `tocsin log` writes to: a reader of RFC 5424 that allows nothing else, a socket as journald has one, an HTTP server
that takes OTLP and fails as it is told to."""

import array
import http.server
import json
import os
import re
import socket
import struct
import threading
import time

MESSAGE = re.compile(
    rb"<(?P<pri>[0-9]|[1-9][0-9]|1[0-8][0-9]|19[01])>1 "
    rb"(?P<time>[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
    rb"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])) "
    rb"(?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<procid>[!-~]{1,128}) (?P<msgid>[!-~]{1,32}) "
    rb"(?P<sd>\[.*?[^\\]\]|-)(?: (?P<msg>.*))?",
    re.DOTALL,
)
SD_ELEMENT = re.compile(rb'\[(?P<id>[!#-<>-\\^-~]{1,32})(?P<params>( [!#-<>-\\^-~]{1,32}="(\\["\\\]]|[^"\\\]])*")*)\]')
SD_PARAM = re.compile(rb' ([!#-<>-\\^-~]{1,32})="((?:\\["\\\]]|[^"\\\]])*)"')


def read_syslog(message):
    """(severity, facility, parameters, text) of one message; fails on whatever RFC 5424 does not allow."""
    match = MESSAGE.match(message)
    assert match, message
    rest = message[match.start("sd") :]
    element = SD_ELEMENT.match(rest)
    assert element and rest[element.end() : element.end() + 1] in (b" ", b""), message
    params = {
        name.decode(): re.sub(rb'\\(["\\\]])', rb"\1", value).decode("utf-8")
        for name, value in SD_PARAM.findall(element["params"])
    }
    text = rest[element.end() + 1 :]
    if text.startswith(b"\xef\xbb\xbf"):
        text = text[3:]
    pri = int(match["pri"])
    return pri % 8, pri // 8, params, text.decode("utf-8")


class Collected(threading.Thread):
    """A thread that collects; `messages` only grows."""

    def __init__(self):
        super().__init__(daemon=True)
        self.messages = []
        self.is_to_end = False

    def close(self):
        self.is_to_end = True
        self.join(10)


class Datagrams(Collected):
    """Datagrams at a unix path, or at a UDP port that it chooses."""

    def __init__(self, path=None):
        super().__init__()
        if path:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.socket.bind(path)
        else:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            self.socket.bind(("127.0.0.1", 0))
            self.port = self.socket.getsockname()[1]
        self.socket.settimeout(0.05)
        self.start()

    def run(self):
        while not self.is_to_end:
            try:
                message, ancillary, _, _ = self.socket.recvmsg(1 << 17, socket.CMSG_SPACE(4))
            except TimeoutError:
                continue
            for level, kind, data in ancillary:
                assert (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS)
                message = self.read_file(array.array("i", data)[0])
            self.messages.append(message)
        self.socket.close()

    @staticmethod
    def read_file(descriptor):
        assert "memfd" in os.readlink(f"/proc/self/fd/{descriptor}")
        with os.fdopen(descriptor, "rb") as file:
            file.seek(0)
            return file.read()


class Lines(Collected):
    """A unix socket that is a stream, of which each line is a message."""

    def __init__(self, path):
        super().__init__()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(path)
        self.socket.listen()
        self.socket.settimeout(0.05)
        self.start()

    def run(self):
        while not self.is_to_end:
            try:
                connection, _ = self.socket.accept()
            except TimeoutError:
                continue
            with connection, connection.makefile("rb") as file:
                for line in file:
                    self.messages.append(line[:-1])
        self.socket.close()


class Counted(Collected):
    """A TCP server of messages with counted octets; closes each connection that was idle for `idle_s`."""

    def __init__(self, port=0, idle_s=3600.0):
        super().__init__()
        self.idle_s = idle_s
        self.connections = self.closed = 0
        self.socket = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self.port = self.socket.getsockname()[1]
        self.socket.settimeout(0.05)
        self.start()

    def run(self):
        while not self.is_to_end:
            try:
                connection, _ = self.socket.accept()
            except TimeoutError:
                continue
            self.connections += 1
            with connection:
                self.serve(connection)
            self.closed += 1
        self.socket.close()

    def serve(self, connection):
        connection.settimeout(0.05)
        buffer = b""
        heard = time.monotonic()
        while not self.is_to_end and time.monotonic() - heard < self.idle_s:
            try:
                piece = connection.recv(1 << 16)
            except TimeoutError:
                continue
            if not piece:
                break
            heard = time.monotonic()
            buffer = self.take(buffer + piece)

    def take(self, buffer):
        while True:
            count, blank, rest = buffer.partition(b" ")
            if not blank or len(rest) < int(count):
                return buffer
            self.messages.append(rest[: int(count)])
            buffer = rest[int(count) :]


def journal_fields(message):
    """The fields of a message in journald's native form."""
    fields = {}
    while message:
        line, newline, rest = message.partition(b"\n")
        assert newline, message
        name, equals, value = line.partition(b"=")
        if not equals:
            length = struct.unpack("<Q", rest[:8])[0]
            value, end, rest = rest[8 : 8 + length], rest[8 + length : 9 + length], rest[9 + length :]
            assert end == b"\n"
        fields[name.decode()] = value.decode("utf-8")
        message = rest
    return fields


def any_value(value):
    """A plain value of OTLP's AnyValue."""
    if not value:
        return None
    ((kind, inner),) = value.items()
    if kind == "kvlistValue":
        return {pair["key"]: any_value(pair["value"]) for pair in inner["values"]}
    if kind == "arrayValue":
        return [any_value(item) for item in inner["values"]]
    return int(inner) if kind == "intValue" else inner


class Collector:
    """An OTLP collector. `fault(bodies so far)` says how a request is answered: a status, "close" or None for well."""

    def __init__(self, fault=lambda count: None, port=0):
        self.records = []
        self.requests = 0
        self.headers = {}
        self.poison = None
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.requests += 1
                collector.headers = dict(self.headers)
                status = fault(collector.requests)
                if status == "close":
                    self.close_connection = True
                    return
                if status is None and collector.poison and collector.poison in body:
                    status = 400
                if status is None:
                    collector.take(self.path, json.loads(body))
                self.send_response(status or 200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1/logs"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def take(self, path, body):
        assert path == "/v1/logs"
        for resource in body["resourceLogs"]:
            for scope in resource["scopeLogs"]:
                self.records += scope["logRecords"]

    def seqs(self):
        return [attributes(record)["tocsin.seq"] for record in self.records]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def attributes(record):
    return {pair["key"]: any_value(pair["value"]) for pair in record["attributes"]}
