#!/usr/bin/env bash
# Makes the certificates of the example into FOLDER: an authority, the hub (client), the hospitals (server). For trials only: no passphrases.
set -euo pipefail
folder=$1
mkdir -p "$folder/tls" "$folder/secrets"
cd "$folder/tls"
quiet() { "$@" 2>/dev/null; }
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout ca.key -out ca.pem -subj "/CN=Example Region CA"
issue() {  # name, subject, extension
  quiet openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "$2"
  quiet openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out "$1.pem" -extfile <(echo "$3")
  rm -f "$1.csr"
}
issue hub "/CN=hub.region.example" "extendedKeyUsage=clientAuth"
issue hospital "/CN=localhost" $'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth'
cp hub.key ../secrets/hub_key
