#!/usr/bin/env bash
# Runs a test file with the pinned Node: run_node.sh PACKAGES FILE.
set -euo pipefail
export EDITOR_PACKAGES=$1
node=$(find "$1/node_modules" -path '*/node-linux-*/bin/node' -type f | head -n 1)
exec "$node" --test --test-reporter=spec "$2"
