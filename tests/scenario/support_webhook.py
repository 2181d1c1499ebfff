"""A receiver of webhooks that trusts nobody, and fails and hangs as it is told to."""

import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import socketserver
import threading
import time

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Webhook:
    """At a free port. `answer(number)` tells the status of the request of that number: None hangs until close, a tuple is
    (status, {header: value})."""

    def __init__(self, answer=lambda number: 200, secret=SECRET):
        self.requests = []  # all of them: (id, body)
        self.taken = []  # those that were answered with 2xx
        self.faults = []
        self.secret = secret
        self.answer = answer
        self.ended = threading.Event()
        webhook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                webhook.handle(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def handle(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        number = len(self.requests)
        item = (request.headers["webhook-id"], json.loads(body) if body[:1] in b"[{" else body)
        self.requests.append(item)
        try:
            self.check(request.headers, body)
        except (AssertionError, TypeError, ValueError) as error:
            self.faults.append(repr(error))
        answer = self.answer(number)
        if answer is None:
            self.ended.wait(60)
            return
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        if status < 300:
            self.taken.append(item)
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def check(self, headers, body):
        if self.secret is None:
            return
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == expected, headers["webhook-signature"]
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 300
        assert headers["Content-Type"] == "application/json"
        content = json.loads(body)
        is_firing = any(alert["status"] == "firing" for alert in content["alerts"])
        assert content["version"] == "4" and content["status"] == ("firing" if is_firing else "resolved")
        for name in ("receiver", "groupKey", "groupLabels", "commonLabels", "commonAnnotations", "externalURL"):
            assert name in content, name

    def told(self):
        """[(alertname, sourceId, status)] of what was taken, each id once, in the order of taking."""
        seen = {}
        for key, body in list(self.taken):
            seen.setdefault(key, body)
        return [
            (body["alerts"][0]["labels"]["alertname"], body["alerts"][0]["labels"]["sourceId"], body["status"])
            for body in seen.values()
        ]

    def close(self):
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()


class Mails:
    """A mail server at a free port that takes everything: `messages` are ([recipient], message)."""

    def __init__(self):
        self.messages = []
        mails = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                recipients = []
                self.wfile.write(b"220 test\r\n")
                for line in self.rfile:
                    word = line.strip().upper()
                    if word.startswith(b"RCPT TO:"):
                        recipients.append(line.strip()[9:-1].decode())
                    if word == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        lines = list(iter(self.rfile.readline, b".\r\n"))
                        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                        mails.messages.append((recipients, message))
                        recipients = []
                    self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
