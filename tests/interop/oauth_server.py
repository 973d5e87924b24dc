# SPDX-License-Identifier: Apache-2.0
"""An authorisation server for tests, by Authlib: client credentials over HTTPS, tokens as signed JWTs, its keys at /keys. What it
does wrong on purpose is said by its fields."""
import http.server
import json
import ssl
import threading
import time
import urllib.parse

from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oauth2 import AuthorizationServer, ClientAuthentication
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

ISSUER = "https://login.test"


class Client(ClientMixin):
    def __init__(self, name, secret, method):
        self.name, self.secret, self.method = name, secret, method

    def get_client_id(self):
        return self.name

    def get_allowed_scope(self, scope):
        return scope if scope in ("", "hl7.write") else ""

    def check_client_secret(self, secret):
        return secret == self.secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method == self.method

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"


class Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


class Issuer(AuthorizationServer):
    """Authlib's server over plain objects; `requests` counts every attempt at a token, `issued` those that got one."""

    def __init__(self, life=300):
        super().__init__(scopes_supported=["hl7.write"])
        self.clients = {one.name: one for one in (Client("hub", "secret-of-the-hub", "client_secret_basic"),
                                                  Client("poster", "other", "client_secret_post"))}
        self.life, self.requests, self.issued, self.key_fetches, self.down = life, 0, 0, 0, False
        self.said_life = None  # what it says in place of the truth
        self.lock = threading.Lock()
        self.private = []
        self.add_key("RSA", "r1")
        self.add_key("EC", "e1")
        self.shown = list(self.private)
        self.register_grant(Grant)
        self.register_token_generator("default", self.make)

    def add_key(self, kind, name):
        options = {"kid": name, "use": "sig"}
        key = JsonWebKey.generate_key(kind, 2048 if kind == "RSA" else "P-256", options, is_private=True)
        self.private.append(key)
        return key

    def key(self, name):
        return next(one for one in self.private if one.as_dict()["kid"] == name)

    def token(self, algorithm="RS256", kid="r1", header=None, **claims):
        now = time.time()
        said = {"iss": ISSUER, "aud": "hub", "sub": "lab", "iat": int(now), "exp": now + self.life, "scope": "hl7.write", "jti": str(time.perf_counter_ns())}
        said.update(claims)
        said = {name: value for name, value in said.items() if value is not None}
        return JsonWebToken([algorithm]).encode({"alg": algorithm, "kid": kid, "typ": "at+jwt", **(header or {})}, said, self.key(kid)).decode()

    # ---- what Authlib asks for
    def query_client(self, client_id):
        return self.clients.get(client_id)

    def save_token(self, token, request):
        with self.lock:
            self.issued += 1

    def send_signal(self, *_, **__):
        pass

    def create_oauth2_request(self, request):
        return request

    def handle_response(self, status, body, headers):
        return status, body, headers

    def make(self, grant_type=None, client=None, user=None, scope=None, expires_in=None, include_refresh_token=False):
        return {"token_type": "Bearer", "access_token": self.token(aud="back", sub=client.get_client_id()), "expires_in": self.said_life or self.life, "scope": scope or ""}

    # ---- HTTPS
    def serve(self, folder):
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body, headers=()):
                text = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in [*headers, ("Content-Length", str(len(text))), ("Connection", "close")]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)
                self.close_connection = True

            def do_GET(self):
                with issuer.lock:
                    issuer.key_fetches += 1
                if issuer.down:
                    return self.answer(503, "")
                self.answer(200, {"keys": [one.as_dict(is_private=False) for one in issuer.shown] +
                                          [{"kty": "oct", "k": "c2VjcmV0", "kid": "s1"}, {"kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "o1"}]})

            def do_POST(self):
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with issuer.lock:
                    issuer.requests += 1
                if issuer.down:
                    return self.answer(503, "")
                request = OAuth2Request("POST", "https://localhost" + self.path, dict(urllib.parse.parse_qsl(form)), dict(self.headers))
                status, body, headers = issuer.create_token_response(request)
                self.answer(status, body, headers)

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "tls/hub.pem", folder / "tls/hub.key")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()
