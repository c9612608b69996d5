#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that the checks need and that are missing: doctest (C++ unit tests),
# gcovr (what these cover), clang-format (lint), clang-tidy, libatomic1 (Node 26), and the tools that read
# what we write: golang-go (go tool pprof), chromium (DevTools, speedscope), libdevel-nytprof-perl
# (flamegraph.pl), prometheus.
#
#   scripts/setup-debian.sh [--cross]     --cross: also what building for arm64, and running for other
#                                 architectures, needs
set -euo pipefail

missing=()
packages=(g++ make python3 doctest-dev gcovr libatomic1 clang-format-19 clang-tidy-19 golang-go \
  chromium libdevel-nytprof-perl prometheus)
[ "${1:-}" != --cross ] ||
  packages+=(g++-aarch64-linux-gnu qemu-user-static libatomic1-arm64-cross
    libstdc++6-s390x-cross libstdc++6-armhf-cross libatomic1-armhf-cross libstdc++6-ppc64el-cross)
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "setup-debian: installing ${missing[*]}"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
# The tests start a Prometheus of their own.
case " ${missing[*]} " in
  *" prometheus "*) systemctl disable --now prometheus prometheus-node-exporter >/dev/null 2>&1 || true ;;
esac
