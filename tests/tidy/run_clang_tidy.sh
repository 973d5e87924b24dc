#!/usr/bin/env bash
# clang-tidy with the short failing list over every source of ours. Usage: run_clang_tidy.sh BUILD_FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
git ls-files -co --exclude-standard '*.cc' | grep -E '^(stdlib|compiler|runtime)/' | grep -vE '_(test|fuzz|bench)\.cc$' |
  while read -r file; do grep -qF "/$file\"" "$build/compile_commands.json" && echo "$file"; done |
  xargs -P "$(nproc)" -n 4 clang-tidy-19 --quiet -p "$build" 2>/dev/null
