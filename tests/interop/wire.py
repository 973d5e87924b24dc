# SPDX-License-Identifier: Apache-2.0
"""Two plain ends of MLLP that only move bytes: a recorder behind the hub, and a sender before it. They are not the peers that are tried."""
import socket
import threading
import time


def frames(connection):
    """The messages of a connection, until it ends."""
    buffer = bytearray()
    while data := connection.recv(1 << 16):
        seen = max(0, len(buffer) - 1)
        buffer += data
        while (end := buffer.find(b"\x1c\r", seen)) >= 0:
            yield bytes(buffer[1:end])
            del buffer[:end + 2]
            seen = 0


def field(message, number):
    """MSH-number."""
    return message.split(b"\r", 1)[0].split(b"|")[number - 1]


class Recorder:
    """Keeps everything, by control id, and answers AA, or the code that stands in `codes`, after `pause` seconds."""

    def __init__(self, pause=0.0):
        self.got, self.codes, self.pause = {}, {}, pause
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            for message in frames(connection):
                control_id = field(message, 10)
                self.got.setdefault(control_id.decode(), []).append(message)
                time.sleep(self.pause)
                code = self.codes.get(control_id.decode(), "AA").encode()
                connection.sendall(b"\x0bMSH|^~\\&|REC|X|HUB|Y|20260301120000||ACK|" + control_id + b"|P|2.5.1\rMSA|" + code + b"|" + control_id + b"\r\x1c\r")

    def close(self):
        self.listener.close()


def send(port, message, within=60):
    """Sends one message; the answer's MSA-1."""
    with socket.create_connection(("127.0.0.1", port), timeout=within) as connection:
        connection.sendall(b"\x0b" + message + b"\x1c\r")
        for answer in frames(connection):
            return next(line.split(b"|")[1] for line in answer.split(b"\r") if line.startswith(b"MSA|")).decode()
    return ""
