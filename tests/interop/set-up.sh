#!/usr/bin/env bash
# Makes what the interop suites need inside the checkout: the Python clients in `.venv/`, the real checkpoint in
# `.assets/`. Runs again in a second when nothing changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python="${PYTHON:-python3}"

# venv NAME: `.venv/NAME` with exactly tests/interop/python/NAME.txt.
venv() {
  local folder=".venv/$1" wanted="tests/interop/python/$1.txt"
  if cmp --silent "$wanted" "$folder/installed.txt"; then
    echo "$folder: present"
    return
  fi
  local started=$SECONDS
  rm -rf "$folder"
  "$python" -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement "$wanted"
  cp "$wanted" "$folder/installed.txt"
  echo "$folder: installed in $((SECONDS - started)) s"
}

venv hub-2
venv hub-1
venv transformers
node tools/fetch-assets.mjs
