#!/usr/bin/env bash
# Neovim, headless, with the files of editors/vim and its own language client: neovim.sh SMARTHL7.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/project" "$work/project"
export SMARTHL7=$1 PROJECT=$work/project HOME=$work XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/share XDG_STATE_HOME=$work/state
exec 3>&1
if ! timeout 120 nvim --headless -u NONE --cmd "set runtimepath^=$here/../../editors/vim" \
  -c "filetype plugin indent on" -c "syntax on" -c "luafile $here/neovim.lua" >"$work/out" 2>&1 </dev/null; then
  cat "$work/out" >&3
  exit 1
fi
tr -d '\r' <"$work/out"
echo
grep -q 'checks passed' "$work/out"
