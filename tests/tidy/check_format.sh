#!/usr/bin/env bash
# Every C++ file of ours as clang-format writes it; `check_format.sh --fix` writes it so.
set -euo pipefail
cd "$(dirname "$0")/../.."
mode="--dry-run"
[ "${1:-}" = "--fix" ] && mode="-i"
git ls-files -co --exclude-standard '*.cc' '*.h' | xargs -P "$(nproc)" -n 16 clang-format-19 --Werror $mode
