# SPDX-License-Identifier: Apache-2.0
"""One authority, a certificate for the hub and one for the peers, made by openssl for this run."""
import subprocess


def make(folder):
    tls, secrets = folder / "tls", folder / "secrets"
    tls.mkdir()
    secrets.mkdir()

    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, cwd=tls)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", 2, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Interop test authority")
    (tls / "extensions").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n")
    for name in ("hub", "peer"):
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", 2,
                "-out", f"{name}.pem", "-extfile", "extensions")
    (secrets / "hub_key").write_bytes((tls / "hub.key").read_bytes())
    return {"ca": str(tls / "ca.pem"), "certificate": str(tls / "peer.pem"), "key": str(tls / "peer.key")}
