#!/usr/bin/env bash
# Makes what the interop suites need inside the checkout: the Python clients in `.venv/`, the real checkpoint, real
# tokenizers and a corpus in `.assets/`. Runs again in seconds when nothing changed. BEARHUG_VENVS names a folder that
# several checkouts share for the Python clients (4.4 GB); `.venv/` then holds links into it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

python="${PYTHON:-python3}"

# venv NAME: `.venv/NAME` with exactly tests/interop/python/NAME.txt.
venv() {
  local folder=".venv/$1" wanted="tests/interop/python/$1.txt" started=$SECONDS
  if [ -n "${BEARHUG_VENVS:-}" ] && [ ! -d "$folder" ]; then
    mkdir -p .venv "$BEARHUG_VENVS/$1"
    ln -sfn "$BEARHUG_VENVS/$1" "$folder"
  fi
  mkdir -p "$folder"
  folder="$(cd "$folder" && pwd -P)"
  if cmp --silent "$wanted" "$folder/installed.txt" && "$folder/bin/python" -c "" 2>/dev/null; then
    echo "$folder: present"
    return
  fi
  rm -f "$folder/installed.txt"
  "$python" -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps \
    --requirement "$wanted"
  cp "$wanted" "$folder/installed.txt"
  echo "$folder: installed in $((SECONDS - started)) s"
}

# Two set-ups at once would write into one folder.
if [ -n "${BEARHUG_VENVS:-}" ] && command -v flock >/dev/null; then
  mkdir -p "$BEARHUG_VENVS"
  exec 9>"$BEARHUG_VENVS/.lock"
  flock 9
fi
venv hub-2
venv hub-1
venv transformers
node tools/fetch-assets.mjs
# For the comparison with the Rust library: real tokenizers, and text. Where Debian's packages cannot be had it is
# skipped.
node tools/fetch-assets.mjs 'tokenizer-*'
node tools/corpus.mjs .assets/parity/corpus --megabytes 52 || [ $? -eq 3 ]
