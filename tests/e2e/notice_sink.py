#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A pager and a mail server for tests: python's own HTTP and SMTP servers on ports of loopback. Prints `http PORT` and
`smtp PORT`, then writes one JSON line per notice that came to the file in its argument. The first POST is answered with 503."""
import http.server
import json
import sys
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
import asyncore  # noqa: E402
import smtpd  # noqa: E402

OUT = open(sys.argv[1], "a", buffering=1)
LOCK = threading.Lock()
POSTS = 0


def note(**fields):
    with LOCK:
        OUT.write(json.dumps(fields) + "\n")


class Pager(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global POSTS
        POSTS += 1
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status = 503 if POSTS == 1 else 204
        note(way="page", status=status, path=self.path, key=self.headers["Idempotency-Key"],
             type=self.headers["Content-Type"], document=json.loads(body))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


class Mail(smtpd.SMTPServer):
    def process_message(self, peer, mailfrom, rcpttos, data, **_):
        note(way="mail", sender=mailfrom, to=rcpttos, text=data.decode())


pager = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pager)
mail = Mail(("127.0.0.1", 0), None)
threading.Thread(target=pager.serve_forever, daemon=True).start()
print(f"http {pager.server_address[1]}\nsmtp {mail.socket.getsockname()[1]}", flush=True)
asyncore.loop(timeout=0.2)
