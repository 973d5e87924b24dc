#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An SFTP server that is not OpenSSH: AsyncSSH's, for what sshd cannot show in a test. It takes a password without an account of the
system, is without extensions, replaces files at a rename, gives less than it is asked for. Prints `listening PORT` and the fingerprint
of its host key. Usage: sftp_peer.py HOST_KEY PASSWORD (password | prompts | anyone)"""
import asyncio
import os
import sys
import warnings

warnings.simplefilter("ignore")
import asyncssh  # noqa: E402
import asyncssh.sftp  # noqa: E402

HOST_KEY, PASSWORD, HOW = sys.argv[1:]


class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return HOW != "anyone"

    def password_auth_supported(self):
        return HOW == "password"

    def validate_password(self, username, password):
        return password == PASSWORD

    def kbdint_auth_supported(self):
        return HOW == "prompts"

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, username, responses):
        return responses == [PASSWORD]


class Files(asyncssh.SFTPServer):
    def rename(self, oldpath, newpath):
        os.rename(oldpath, newpath)  # replaces, against the draft

    def read(self, file_obj, offset, size):
        return super().read(file_obj, offset, min(size, 10_000))


async def main():
    for handler in vars(asyncssh.sftp).values():
        if isinstance(getattr(handler, "_extensions", None), list):
            handler._extensions = []
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=Server, server_host_keys=[HOST_KEY], sftp_factory=Files)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
