#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fills a directory with links to the programs of a Debian on which nothing has been installed but
# Node, npm, g++, make and python3: as the whole PATH, it shows what `npm ci && npm test` needs.
#
#   scripts/bare-path.sh DIRECTORY
set -euo pipefail
[ $# -eq 1 ] || { echo "bare-path: one directory, please" >&2; exit 2; }

mkdir -p "$1"
essential=$(dpkg-query -Wf '${Essential} ${Package}\n' | sed -n 's/^yes //p')
# shellcheck disable=SC2086 # a word per package
packages=$(apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts \
  --no-breaks --no-replaces --no-enhances $essential g++ make python3 | grep '^[a-z0-9]')
declare -A allowed
while read -r file; do
  allowed[$file]=1
done < <(dpkg-query -L $packages 2>/dev/null | grep -E '/s?bin/' | sort -u | xargs readlink -f)
files=(/usr/bin/* /usr/sbin/*)
links=()
# Through the links, as those of the alternatives belong to no package.
mapfile -t targets < <(readlink -m "${files[@]}")
for i in "${!files[@]}"; do
  [ -z "${allowed[${targets[i]}]:-}" ] || links+=("${files[i]}")
done
ln -sf -t "$1" "${links[@]}"
ln -sf "$(command -v node)" "$(command -v npm)" "$1/"
