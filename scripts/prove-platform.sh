#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Proves line precision on the machine that runs this, under each Node: the start gate, stacks in
# every tier, allocations of fifty generated programs, and the tests of cases that are hard. Takes
# about ten minutes on four cores, and prints a summary to send to the project. Asks npm for Nodes
# (a cache outside of the checkout) and for the development packages; builds with g++ and make.
#
#   scripts/prove-platform.sh [--arch arm64] [major version ...]
#     --arch: on another machine, emulated, which takes an hour
set -uo pipefail
cd "$(dirname "$0")/.."

arch=$(node -p process.arch)
if [ "${1:-}" = --arch ]; then
  arch=$2
  shift 2
fi
majors=("$@")
[ ${#majors[@]} -gt 0 ] || majors=(20 22 24 26)

mkdir -p build
log=build/prove-platform.log
: >"$log"
quietly() { "$@" >>"$log" 2>&1; }
[ -d node_modules ] || quietly npm ci || { echo "npm ci failed: $log" && exit 1; }
quietly npm run build:ts || { echo "the package could not be built: $log" && exit 1; }

plain() { sed 's/\x1b\[[0-9;]*m//g'; }
# Runs a step, and prints of its output what belongs into the summary.
failed=0
step() {
  local name=$1 wanted=$2 output status result begun=$SECONDS
  shift 2
  output=$("$@" 2>&1)
  status=$?
  output=$(plain <<<"$output")
  echo "== $*" >>"$log"
  echo "$output" >>"$log"
  result=$(grep -E "$wanted" <<<"$output" | sed 's/^ *//' | paste -sd';')
  if [ "$status" -ne 0 ] || [ -z "$result" ]; then
    failed=$((failed + 1))
    name="FAILED $name"
  fi
  echo "  $name: $result ($((SECONDS - begun)) s)"
}

HARD=(test/process/{hard-cases,merged-lines,object-origins,constructors}.test.ts
  test/process/{optimized-literals,made-while-deoptimizing,chained-operators}.test.ts
  test/buffers/{domain,lifetimes,buffer-origins,other-threads}.test.ts
  test/oracle/{literal-lines,runtime-gate,wide-bytecodes,layout}.test.ts test/process/hook.test.ts)
only() { printf -- '--only\n%s\n' "$@"; }
mapfile -t hard < <(only "${HARD[@]}")

echo "tracemalloc $(node -p "require('./package.json').version"), $(git rev-parse --short HEAD 2>/dev/null)"
echo "$(uname -srm), pages of $(getconf PAGESIZE) bytes, $(nproc) cores, $(getconf GNU_LIBC_VERSION)"
echo "$(grep -m1 -E '^(model name|CPU part)' /proc/cpuinfo | tr -s '\t ' ' '), signs return addresses: $(
  grep -m1 -qw paca /proc/cpuinfo && echo yes || echo no)"
[ "$arch" = "$(node -p process.arch)" ] || echo "EMULATED: $arch"
for major in "${majors[@]}"; do
  echo "Node $major $arch"
  step stacks 'Tests ' node scripts/test-matrix.mjs --arch "$arch" --only test/oracle/stacks.test.ts "$major"
  step allocations '^lines: ' node test/oracle/command.mjs --arch "$arch" --node "$major" \
    --program rows --seeds 1..50 --turns 500 --jobs "$(nproc)"
  step constructs '^lines: |^approximate' node test/oracle/command.mjs --arch "$arch" --node "$major" \
    --seeds 1..8 --turns 600 --jobs "$(nproc)"
  step cases 'Tests ' node scripts/test-matrix.mjs --arch "$arch" "${hard[@]}" "$major"
done
if [ "$failed" -eq 0 ]; then
  echo "proven: nothing is wrong as exact. Please send these lines."
else
  echo "$failed steps failed. Please send these lines, and $log."
fi
[ "$failed" -eq 0 ]
