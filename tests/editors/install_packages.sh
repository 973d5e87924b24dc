#!/usr/bin/env bash
# Installs the Node packages of package-lock.json into FOLDER (in the build tree), once for each state of the lock file.
# No install script runs: Node itself comes as a package with a hash in the lock file, like the others.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
stamp=$(cat "$here/package.json" "$here/package-lock.json" | sha256sum)
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
[ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ] && exit 0
cp "$here/package.json" "$here/package-lock.json" "$folder/"
cd "$folder"
if ! npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1 </dev/null; then
  tail -n 20 npm.log >&2
  echo "tests/editors: npm ci failed in $folder; it needs the npm registry once" >&2
  exit 1
fi
echo "$stamp" >stamp
