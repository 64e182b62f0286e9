"""A receiver of mention-relay's http webhooks, with nothing but Python (3.9 or newer):

    SIGNING_SECRET=whsec_... PORT=8080 python3 receiver.py

SIGNING_SECRET is the relay's WEBHOOK_<NAME>_SECRET. Separate several with spaces.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 300
# The longest post that Facebook allows fits. The relay halves a batch that gets a 413.
MAX_BODY_BYTES = 1_000_000
MAX_REMEMBERED = 20_000

# In memory, so a restart forgets it. Keep it in your database, for a day or two.
handled = {}
handling = threading.Lock()


def handle_mention(mention):
    """Your code. The relay waits 15 seconds: store the mention here, and work on it later."""
    write_line({"mention": mention})


def handle(event):
    kind = event.get("type")
    # A recovered mention has no id, position or content.
    if kind in ("mention.created", "mention.recovered"):
        handle_once(event["data"])
    elif kind in ("mention.batch", "mention.digest"):
        for mention in event["data"]:
            handle_once(mention)
    elif kind == "test.ping":
        write_line({"ping": event["data"]})
    # More types may follow. Unknown ones are accepted and ignored.


def handle_once(mention):
    """Handles a mention once. It may come again in another batch, which has another id."""
    owner = mention.get("owner") or {}
    parts = [mention.get(name) for name in ("id", "keyword", "position", "link")]
    identity = json.dumps([*parts, owner.get("id")])
    if identity in handled:
        return
    handle_mention(mention)
    remember(identity)


def remember(what):
    handled[what] = True
    if len(handled) > MAX_REMEMBERED:
        del handled[next(iter(handled))]


def answer(headers, body):
    if not is_genuine(headers, body):
        return 401, "The signature is missing, wrong or old."
    message_id = headers["webhook-id"]
    with handling:
        if message_id in handled:
            return 200, "Handled before."
        event = parse_object(body)
        if event is None:
            return 400, "The body is no JSON object."
        handle(event)
        remember(message_id)
    return 200, "Handled."


def is_genuine(headers, body):
    """Returns True if a signature is by one of the keys, and the time within 5 minutes of now."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (message_id and re.fullmatch("[0-9]{1,12}", timestamp)):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False

    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = [b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)) for key in KEYS]
    signatures = [text.encode() for text in given.split(" ")]
    return any(hmac.compare_digest(one, each) for one in signatures for each in expected)


def signing_keys(secrets):
    texts = secrets.split()
    if not texts or not all(re.fullmatch("whsec_[A-Za-z0-9+/]+=*", text) for text in texts):
        sys.exit("SIGNING_SECRET must be whsec_ and base64; several with spaces between.")
    return [base64.b64decode(text[len("whsec_") :]) for text in texts]


def parse_object(body):
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def write_line(value):
    """Prints one line of plain ASCII: foreign text cannot act on a terminal or break the line."""
    sys.stdout.write(json.dumps(value).replace("\x7f", "\\u007f") + "\n")
    sys.stdout.flush()


class Receiver(BaseHTTPRequestHandler):
    # Seconds until an idle connection is closed.
    timeout = 30

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if not re.fullmatch("[0-9]{1,12}", length):
            return self.reply(411, "The body's length is missing.")
        body = self.read_body(int(length))
        if body is None:
            return self.reply(413, "The body is too long.")
        try:
            status, words = answer(self.headers, body)
        except Exception:
            # The relay retries.
            status, words = 500, "Not handled."
        self.reply(status, words)

    def do_GET(self):
        self.reply(405, "Only POST.")

    def read_body(self, length):
        """Reads the body's bytes, which are what was signed. Returns None if there are too many."""
        if length <= MAX_BODY_BYTES:
            return self.rfile.read(length)
        # Reads to the end, so that the sender gets the answer.
        while length > 0 and (chunk := self.rfile.read(min(length, 65_536))):
            length -= len(chunk)
        return None

    def reply(self, status, words):
        self.send_response(status)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        self.wfile.write(f"{words}\n".encode())

    def log_message(self, *_):
        """Logs nothing: a request line is foreign text, and a path may be secret."""


if __name__ == "__main__":
    KEYS = signing_keys(os.environ.get("SIGNING_SECRET", ""))
    # Only this machine reaches it: put a reverse proxy with TLS in front.
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver)
    write_line({"listening": f"http://127.0.0.1:{server.server_port}/"})
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
