// SPDX-License-Identifier: MIT
// All tables of one tracer: an engine writes them and a wire batch reads them.
#ifndef TRACEMALLOC_CORE_TABLES_H_
#define TRACEMALLOC_CORE_TABLES_H_

#include "core/frame.h"
#include "core/site_table.h"
#include "core/string_table.h"

namespace tracemalloc {

struct Tables {
  StringTable strings;
  FrameTable frames;
  SiteTable sites;
  // Mean bytes between samples of the heap, or of buffers if only these are traced; now.
  double sample_interval = 0;
  // Sequence of the last batch: objects allocated now are younger than it. Never decreases.
  uint32_t batch = 0;
  // Counters of core/reclaim: sites removed, rests made, and how much was left the last time.
  uint64_t given_back = 0;
  uint32_t rests = 0;
  uint32_t frames_kept = 0;
  uint32_t strings_kept = 0;

  void Clear() {
    sites.Clear();
    frames.Clear();
    strings.Clear();
    given_back = 0;
    rests = frames_kept = strings_kept = 0;
  }
  size_t MemoryUsage() const {
    return strings.MemoryUsage() + frames.MemoryUsage() + sites.MemoryUsage();
  }
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_TABLES_H_
