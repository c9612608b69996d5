// SPDX-License-Identifier: MIT
// Writes the tables as a pprof heap profile, not compressed, within an output's fixed buffer. Its
// twin is src/pprof/encode.ts: `Snapshot.load` reads both in the same way, with exact figures.
#ifndef TRACEMALLOC_REPORT_PROFILE_WRITER_H_
#define TRACEMALLOC_REPORT_PROFILE_WRITER_H_

#include <cstdint>
#include <string>

#include "core/tables.h"
#include "report/output.h"

namespace tracemalloc {

struct ProfileFacts {
  double sample_interval;
  int64_t time_millis;  // since the epoch
  // JSON members of a snapshot's facts and of its process that never change; at least one each,
  // without braces.
  std::string snapshot;
  std::string process;
  std::string own;                              // see IsOwn: such sites are left out
  double rss, heap_total, heap_used, external;  // bytes
};

void WriteProfile(const Tables& tables, const ProfileFacts& facts, Output* out);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_REPORT_PROFILE_WRITER_H_
