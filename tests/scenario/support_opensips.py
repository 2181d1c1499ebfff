"""The event interface of an OpenSIPS, as far as a subscriber sees it: its management interface over HTTP and in datagrams,
subscriptions that end, a restart that forgets them, and events to whoever is subscribed. Replies are spelled as those in
tests/data/opensips/management-interface.txt."""

import http.server
import json
import socket
import threading
import time

EVENTS = ("E_CORE_SR_STATUS_CHANGED", "E_CORE_LOG", "E_SCRIPT_CALL", "E_PROFILING_SCRIPT")


class OpenSips:
    def __init__(self, events=EVENTS):
        self.events = events
        self.lock = threading.Lock()
        self.subscribers = {}  # event: {socket: the time when it ends}
        self.requests = []  # (method, params)
        self.is_away = False
        self.spelling = {"separators": (",", ":")}
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if owner.is_away or self.path != "/mi":
                    self.send_error(503)
                    return
                reply = owner.answer(body)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http_url = f"http://127.0.0.1:{self.http.server_address[1]}/mi"
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.udp_url = f"udp:127.0.0.1:{self.udp.getsockname()[1]}"
        for target in (self.http.serve_forever, self.serve_datagrams):
            threading.Thread(target=target, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.udp.close()

    def serve_datagrams(self):
        while True:
            try:
                body, peer = self.udp.recvfrom(65536)
                if not self.is_away:
                    self.udp.sendto(self.answer(body), peer)
            except OSError:
                return

    def restart(self):
        with self.lock:
            self.subscribers = {}

    def answer(self, body):
        request = json.loads(body)
        with self.lock:
            self.requests.append((request["method"], request.get("params", {})))
            result = getattr(self, "mi_" + request["method"])(**request.get("params", {}))
        reply = {"jsonrpc": "2.0", "error" if isinstance(result, tuple) else "result": result}
        if isinstance(result, tuple):
            reply["error"] = {"code": result[0], "message": result[1]}
        reply["id"] = request["id"]
        return json.dumps(reply, **self.spelling).encode()

    def mi_events_list(self):
        return {"Events": [{"name": name, "id": number} for number, name in enumerate(self.events)]}

    def mi_event_subscribe(self, event, socket, expire=3600):
        if event not in self.events:
            return 400, "Bad parameter value"
        if expire == 0:
            self.subscribers.get(event, {}).pop(socket, None)
        else:
            self.subscribers.setdefault(event, {})[socket] = time.monotonic() + expire
        return "OK"

    def mi_subscribers_list(self, event, socket):
        if event not in self.events:
            return 404, "Event not published"
        ends = self.subscribers.get(event, {}).get(socket)
        if ends is None:
            return {"Event": {}}
        left = int(ends - time.monotonic())
        subscriber = {"socket": socket, "expire": 60, "ttl": left if left > 0 else "expired"}
        return {"Event": {"name": event, "id": self.events.index(event), "Subscriber": subscriber}}

    def sockets_of(self, event):
        """Who would get such an event now."""
        now = time.monotonic()
        with self.lock:
            return [name for name, ends in self.subscribers.get(event, {}).items() if ends > now]

    def raise_event(self, event, params):
        """Sends the event as event_datagram does; returns how many got it."""
        document = json.dumps({"jsonrpc": "2.0", "method": event, "params": params}, separators=(",", ":")).encode()
        targets = self.sockets_of(event)
        for target in targets:
            _, host, port = target.split(":")
            self.udp.sendto(document, (host, int(port)))
        return len(targets)


class EventStream:
    """What OpenSIPS's event_stream does in reliable mode: connects with the first event, and anew with the next one after
    a break; sends one document, waits for the answer to it for `timeout` seconds, and never sends it again."""

    def __init__(self, address, timeout_s=1):
        self.address = address
        self.timeout_s = timeout_s
        self.peer = None
        self.id = 957001788

    def raise_event(self, event, params):
        """True where the answer says that all is well."""
        self.id -= 4
        document = {"id": self.id, "jsonrpc": "2.0", "method": event, "params": params}
        try:
            if self.peer is None:
                self.peer = socket.create_connection(self.address, self.timeout_s)
            self.peer.sendall(json.dumps(document, separators=(",", ":")).encode())
            answer = json.loads(self.peer.recv(4096) or b"{}")
        except (OSError, ValueError):
            answer = {}
        if answer.get("id") != self.id:
            self.close()
        return answer.get("id") == self.id and "result" in answer

    def close(self):
        if self.peer is not None:
            self.peer.close()
        self.peer = None
