#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real endpoints with one defect each, made with Python's ssl and sockets (another stack than the hub's own code), and one
without: `smarthl7 probe` names each defect, exits 1, and 0 where there is none. Usage: check_probe.py PROGRAM"""
import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

PROGRAM = sys.argv[1]
warnings.simplefilter("ignore", DeprecationWarning)  # old versions of TLS are what is looked for
VT, END = b"\x0b", b"\x1c\r"


def make_certificates(folder):
    """An authority, and what it signs: good, expired, for another name, soon to end; and one of an authority that nobody knows."""
    def run(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    for ca in ("ca", "other_ca"):
        run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={ca}",
            "-keyout", f"{ca}.key", "-out", f"{ca}.pem")
    for name, ca, host, days in (("good", "ca", "localhost", 90), ("expired", "ca", "localhost", -2), ("elsewhere", "ca", "elsewhere.example", 90),
                                 ("stranger", "other_ca", "localhost", 90), ("soon", "ca", "localhost", 9)):
        with open(os.path.join(folder, f"{name}.ext"), "w", encoding="ascii") as out:
            out.write(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
        run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}", "-keyout", f"{name}.key",
            "-out", f"{name}.csr")
        when = ["-days", str(days)]
        if days < 0:  # `x509 -days` takes no past; `ca` does
            with open(os.path.join(folder, "ca.cnf"), "w", encoding="ascii") as out:
                out.write("[ca]\ndefault_ca=d\n[d]\ndatabase=db\nserial=sn\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
            open(os.path.join(folder, "db"), "w", encoding="ascii").close()
            with open(os.path.join(folder, "sn"), "w", encoding="ascii") as out:
                out.write("4711\n")
            run("ca", "-batch", "-config", "ca.cnf", "-cert", f"{ca}.pem", "-keyfile", f"{ca}.key", "-startdate", "20200101000000Z",
                "-enddate", "20210101000000Z", "-extfile", f"{name}.ext", "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext")
        else:
            run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", *when, "-extfile",
                f"{name}.ext", "-out", f"{name}.pem")


def tls_context(folder, name, tune=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key"))
    if tune:
        tune(context)
    return context


def old_only(context):
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1


def old_too(context):
    context.set_ciphers("ECDHE+AESGCM:ECDHE+AES:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1


def modern(context):
    context.set_ciphers("ECDHE+AESGCM")
    context.minimum_version = ssl.TLSVersion.TLSv1_2


def mutual(context):
    modern(context)
    context.verify_mode = ssl.CERT_REQUIRED


def weak_only(context):
    context.set_ciphers("aNULL:eNULL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2


def read_frame(connection):
    held = b""
    while END not in held:
        got = connection.recv(65536)
        if not got:
            return None
        held += got
    return held[held.find(VT) + 1:held.find(END)]


def control_id(message):
    return message.split(b"\r")[0].split(b"|")[9]


def ack(code, about):
    return b"MSH|^~\\&|P|P|P|P|20261123||ACK|A1|T|2.5.1\rMSA|" + code + b"|" + about + b"\r"


def right(connection):
    while (message := read_frame(connection)) is not None:
        code = b"AA" if message.startswith(b"MSH") else b"AR"
        connection.sendall(VT + ack(code, control_id(message) if code == b"AA" else b"") + END)


def answers(make):
    def behave(connection):
        while (message := read_frame(connection)) is not None:
            connection.sendall(make(control_id(message) if message.startswith(b"MSH") else b""))
    return behave


def silent(connection):
    while connection.recv(65536):
        pass


def closes(connection):
    del connection


def closes_when_asked(connection):
    read_frame(connection)


def http(options, post=None):
    """Answers OPTIONS with the first and POST with what the second makes of its body."""
    def behave(connection):
        held = b""
        while b"\r\n\r\n" not in held:
            got = connection.recv(65536)
            if not got:
                return
            held += got
        head, body = held.split(b"\r\n\r\n", 1)
        length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
        while len(body) < length:
            body += connection.recv(65536)
        connection.sendall(options if head.startswith(b"OPTIONS ") else post(body))
    return behave


def status(line, *fields, body=b""):
    return b"\r\n".join([b"HTTP/1.1 " + line, *fields, b"Content-Length: %d" % len(body), b"Connection: close", b"", body])


def takes(body):
    if not body.startswith(b"MSH"):
        return status(b"400 Bad Request")
    return status(b"200 OK", b"Content-Type: x-application/hl7-v2+er7", body=ack(b"AA", control_id(body)))


class Endpoint:
    """A listener whose connections each `behave`, with TLS if there is a context."""

    def __init__(self, behave, context=None):
        self.behave, self.context = behave, context
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError), connection:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                self.behave(connection)


def dead_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def probe(url, *args):
    done = subprocess.run([PROGRAM, "probe", url, "--json", *args], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(f"probe {url} ended with {done.returncode}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def main():
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        make_certificates(folder)
        with open(os.path.join(folder, "order.hl7"), "w", encoding="ascii") as out:
            out.write("MSH|^~\\&|A|B|C|D|20261123||ORU^R01^ORU_R01|CONTROL-0000000000042|P|2.5.1\nPID|1||4711^^^X^MR||SECRETNAME^ANNA\n")
        ca = ("--ca", os.path.join(folder, "ca.pem"))
        wait = ("--wait", "1.5")
        send = ("--send", os.path.join(folder, "order.hl7"))

        def tls(name, tune=modern, behave=silent):
            return f"mllps://localhost:{Endpoint(behave, tls_context(folder, name, tune)).port}"

        def plain(behave):
            return f"mllp://localhost:{Endpoint(behave).port}"

        def https(behave, name="good", tune=modern):
            return f"https://localhost:{Endpoint(behave, tls_context(folder, name, tune)).port}/hl7"

        post_only = status(b"405 Method Not Allowed", b"Allow: POST, OPTIONS")

        def framed(make):
            return plain(answers(make))

        # what is there, how it is probed, the one code that is a defect (None: no defect), a warning that must be there (or None)
        cases = [
            ("all is well, TLS", tls("good", behave=right), (*ca, "--ask", "--nak"), None, None),
            ("all is well, plain", plain(right), ("--ask", "--nak", *send), None, None),
            ("expired certificate", tls("expired"), ca, "certificate_expired", None),
            ("wrong name", tls("elsewhere"), ca, "wrong_name", None),
            ("unknown authority", tls("stranger"), ca, "unknown_authority", None),
            ("TLS 1.0 and 1.1 alone", tls("good", old_only), ca, "tls_old_only", None),
            ("anonymous ciphers alone", tls("good", weak_only), ca, "weak_cipher_only", None),
            ("a client certificate is demanded", tls("good", mutual), ca, "client_certificate", None),
            ("plain where TLS is expected", f"mllps://localhost:{Endpoint(silent).port}", (*ca, "--once"), "plain", None),
            ("TLS where plain is expected", tls("good").replace("mllps:", "mllp:"), (), "tls_expected", None),
            ("no listener", f"mllp://localhost:{dead_port()}", (), "no_listener", None),
            ("accepts and never answers", plain(silent), ("--ask",), "never_answers", None),
            ("closes after connect", plain(closes), (), "closes_at_once", None),
            ("closes instead of answering", plain(closes_when_asked), ("--ask",), "closes_without_answer", None),
            ("answers without VT", framed(lambda i: ack(b"AA", i) + END), ("--ask",), "no_start_block", None),
            ("answers without FS", framed(lambda i: VT + ack(b"AA", i)), ("--ask",), "no_end_block", None),
            ("answers with FS LF", framed(lambda i: VT + ack(b"AA", i) + b"\x1c\n"), ("--ask",), "no_carriage_return", None),
            ("bytes before the frame", framed(lambda i: b"OK\r\n" + VT + ack(b"AA", i) + END), ("--ask",), "noise_before_frame", None),
            ("wrong MSA-2", framed(lambda _: VT + ack(b"AA", b"ANOTHER") + END), ("--ask",), "msa2_wrong", None),
            ("MSA-2 cut", framed(lambda i: VT + ack(b"AA", i[:15]) + END), send, "msa2_truncated", None),
            ("takes anything", framed(lambda i: VT + ack(b"AA", i) + END), ("--nak",), "accepts_anything", None),
            ("speaks HTTP", framed(lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n"), ("--ask",), "no_frame", None),
            ("speaks first", plain(lambda c: (c.sendall(b"220 mail.example ready\r\n"), silent(c))), (), "speaks_first", None),
            ("all is well, HTTPS", https(http(post_only, takes)), (*ca, "--ask", "--nak", *send), None, None),
            ("HTTPS, wrong name", https(http(post_only), "elsewhere"), ca, "wrong_name", None),
            ("HTTPS, a client certificate is demanded", https(http(post_only), tune=mutual), ca, "client_certificate", None),
            ("HTTPS, another path", https(http(status(b"404 Not Found"), lambda _: status(b"404 Not Found"))), (*ca, "--ask"), "no_path", "no_path"),
            ("HTTPS, no POST", https(http(status(b"204 No Content", b"Allow: GET, HEAD"))), ca, "no_post", None),
            ("HTTPS, sends on", https(http(status(b"301 Moved", b"Location: https://elsewhere.example/"))), ca, "redirects", None),
            ("HTTPS, other content", https(http(post_only, lambda _: status(b"415 Unsupported Media Type"))), (*ca, *send), "content_type", None),
            ("HTTPS, takes anything", https(http(post_only, lambda _: status(b"200 OK"))), (*ca, "--nak"), "accepts_anything", None),
            ("HTTPS, wrong MSA-2", https(http(post_only, lambda _: status(b"200 OK", body=ack(b"AA", b"ANOTHER")))), (*ca, "--ask"), "msa2_wrong", None),
            ("HTTPS, never answers", https(silent), ca, "never_answers", None),
            ("HTTPS, closes", https(closes), ca, "closes_without_answer", None),
            ("HTTPS where MLLP is", https(lambda c: (c.recv(65536), c.sendall(VT + ack(b"AR", b"") + END))), ca, "no_http", None),
            ("HTTPS, half a response", https(lambda c: (c.recv(65536), c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nMSH"))), ca, "half_response", None),
            ("HTTPS, behind it all is down", https(http(status(b"502 Bad Gateway"))), ca, None, "server_error"),
            ("HTTPS where plain is expected", https(http(post_only)).replace("https:", "http:"), (), "tls_expected", None),
            ("plain where HTTPS is expected", f"https://localhost:{Endpoint(http(post_only)).port}/", (*ca, "--once"), "plain", None),
            ("name that nobody knows", "mllp://nowhere.invalid:2575", (), "no_address", None),
            ("certificate that ends soon", tls("soon"), ca, None, "certificate_expires_soon"),
            ("TLS 1.0 too", tls("good", old_too), ca, None, "tls_old_offered"),
            ("refuses what was sent", framed(lambda i: VT + ack(b"AE", i) + END), send, None, "refused"),
        ]
        failed = 0
        with ThreadPoolExecutor(8) as pool:
            reports = list(pool.map(lambda case: probe(case[1], *case[2], *wait), cases))
        for (what, _, _, defect, warning), (code, report) in zip(cases, reports):
            defects = [f["code"] for f in report["findings"] if f["severity"] == "defect"]
            warned = [f["code"] for f in report["findings"] if f["severity"] == "warning"]
            fine = defects == ([defect] if defect else []) and code == (1 if defect else 0) and (warning is None or warning in warned)
            fine = fine and report["defects"] == len(defects) and "SECRETNAME" not in json.dumps(report)
            fine = fine and (defect or warning or not warned)
            print(f"{'ok' if fine else 'FAILED'}: {what}: defects {defects}, warnings {warned}, exit {code}")
            if not fine:
                failed += 1
                print(json.dumps(report, indent=1))
        with open(os.path.join(os.path.dirname(__file__), "../../docs/operate/probe.md"), encoding="utf-8") as page:
            documented = page.read()
        for finding in (f for _, report in reports for f in report["findings"] if f["severity"] in ("defect", "warning")):
            if f"`{finding['code']}`" not in documented:
                failed += 1
                print(f"FAILED: docs/operate/probe.md does not say what {finding['code']} is")
        # What was not asked for is not sent: no frame comes, whatever else is looked at.
        seen = []

        def notes(connection):
            while got := connection.recv(65536):
                seen.append(got)

        probe(f"mllp://localhost:{Endpoint(notes).port}", "--once")
        if seen:
            failed += 1
            print("FAILED: bytes were sent unasked")
        # For people: the report names the defect on a line of its own.
        text = subprocess.run([PROGRAM, "probe", tls("elsewhere"), *ca, "--once"], capture_output=True, text=True, timeout=60, check=False).stdout
        if not re.search(r"DEFECT +certificate +it is not for `localhost`, but for elsewhere\.example \[wrong_name\]", text):
            failed += 1
            print("FAILED: the report for people says\n" + text)
        for url, *how in (("ftp://x:1",), ("https://",), ("http://localhost:1/", "--ca", os.path.join(folder, "ca.pem")), ("mllp://x",), ("mllp://localhost:1", "--ca", os.path.join(folder, "ca.pem")), ("mllps://localhost:1", "--ca", os.path.join(folder, "ca.key"))):
            code = subprocess.run([PROGRAM, "probe", url, *how], capture_output=True, timeout=60, check=False).returncode
            if code != 2:
                failed += 1
                print(f"FAILED: probe {url} {how} ended with {code}, not 2")
        print(f"{len(cases)} endpoints, {failed} failed, {time.monotonic() - started:.1f} s")
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
