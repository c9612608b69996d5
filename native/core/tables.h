// SPDX-License-Identifier: MIT
// Everything one tracer knows: what an engine writes and a wire batch reads.
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
  // Sequence of the last batch: whoever is born now is younger than it. Never goes back.
  uint32_t batch = 0;
  // What core/reclaim counts: sites given back, rests made, and how much was left the last time.
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
