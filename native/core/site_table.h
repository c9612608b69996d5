// SPDX-License-Identifier: MIT
// Sites: interned tracebacks, each by its labels, with their counters. SiteIds are dense and start
// at 0; they change only in Renumber(). Sites whose counters moved since the last wire batch are
// kept in a list, so that reading costs what changed and not what exists.
#ifndef TRACEMALLOC_CORE_SITE_TABLE_H_
#define TRACEMALLOC_CORE_SITE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/frame.h"
#include "core/id_index.h"
#include "core/renumbering.h"
#include "core/string_table.h"

namespace tracemalloc {

using SiteId = uint32_t;

// The labels in force at an allocation, as one number: see v8/labels.
using LabelSetId = uint32_t;
constexpr LabelSetId kNoLabels = 0;

enum class Domain : uint32_t { kHeap = 0, kBuffer = 1 };

// All estimates; live: not yet collected; allocated: since start or clear.
struct SiteCounters {
  double live_size = 0;      // bytes
  double live_count = 0;     // allocations
  double live_variance = 0;  // of live_size, bytes²
  double allocated_size = 0;
  double allocated_count = 0;
  uint32_t live_samples = 0;
  uint32_t allocated_samples = 0;
};

// The types of a site's live bytes, known for samples that have survived a garbage collection.
struct TypedCounters {
  StringId type;
  double live_size;
  double live_count;
};

struct Site {
  Domain domain;
  LabelSetId labels;
  uint32_t first_frame;   // into the table's frame pool
  uint32_t frame_count;   // innermost frame first
  uint32_t total_frames;  // of the whole stack; 0: unknown (deeper than frame_count)
  SiteCounters counters;
  std::vector<TypedCounters> types;
  bool changed;
  bool is_rest;         // no traceback: the totals of removed sites, see core/reclaim.h
  uint32_t last_birth;  // the number of its sample among all births, modulo 2^32
};

class SiteTable {
 public:
  // When the table is full, new tracebacks share an overflow site whose only frame is
  // `overflow_frame`.
  explicit SiteTable(uint32_t max_sites = 1u << 20) : max_sites_(max_sites) {}

  // O(frames). Allocates only for a new site.
  SiteId Intern(Domain domain, const FrameId* frames, uint32_t count, uint32_t total_frames,
                LabelSetId labels = kNoLabels);

  // To be called when a sample is born or dies. `size` and `count` are weighted.
  void Add(SiteId id, double size, double count, double variance);
  void Remove(SiteId id, double size, double count, double variance);
  // A live sample turns out to belong to another site than was thought at its birth.
  void Move(SiteId from, SiteId to, double size, double count, double variance);
  // A live sample turns out to stand for other objects than was thought at its birth: as if it had
  // been born with `count` and `variance` more.
  void Recount(SiteId id, double count, double variance);
  // A live sample counts for more than at its birth, although nothing was allocated.
  void Reweigh(SiteId id, double size, double count, double variance);
  // A live sample's type has become known, or (with negative figures) it has died.
  void AddTyped(SiteId id, StringId type, double size, double count);
  // For an engine that reads whole live figures instead of births and deaths; what was allocated
  // since start is then unknown (NaN).
  void SetLive(SiteId id, double size, double count, double variance, uint32_t samples);

  // A site for totals of others, whose only frame is `frame`. It may exceed the maximum of sites.
  SiteId AddRest(Domain domain, FrameId frame);
  // Adds the totals of a site without live memory, which is about to be removed, to `rest`.
  void Fold(SiteId site, SiteId rest);
  // Frames and strings of sites that are kept must be kept, and so must the overflow frame.
  void Renumber(const Renumbering& ids) noexcept;

  uint32_t size() const { return static_cast<uint32_t>(sites_.size()); }
  // Sites with live memory.
  uint32_t live_sites() const { return live_sites_; }
  // The number of births since the site's last one.
  uint32_t Idleness(const Site& site) const { return births_ - site.last_birth; }
  bool IsOverflow(SiteId id) const { return id == overflow_site_; }
  const Site& at(SiteId id) const { return sites_[id]; }
  const FrameId* frames(const Site& site) const { return frame_pool_.data() + site.first_frame; }

  const std::vector<SiteId>& changed() const { return changed_; }
  void MarkAllUnchanged();
  void MarkAllChanged();

  double traced_current() const { return live_samples_ == 0 ? 0 : current_; }
  double traced_peak() const { return peak_; }
  // To be called after a round of SetLive or Reweigh.
  void UpdatePeak() { peak_ = traced_current() > peak_ ? traced_current() : peak_; }
  void ResetPeak() { peak_ = traced_current(); }
  uint64_t live_samples() const { return live_samples_; }
  // Samples whose sites found no room in the table.
  uint64_t overflow() const { return overflow_; }
  FrameId overflow_frame() const { return overflow_frame_; }
  void set_overflow_frame(FrameId frame) { overflow_frame_ = frame; }

  void Clear();  // keeps the maximum; the overflow frame must be set again
  size_t MemoryUsage() const;

 private:
  SiteId Append(Domain domain, const FrameId* frames, uint32_t count, uint32_t total_frames,
                LabelSetId labels);
  void Touch(SiteId id);
  void GiveBackChanged() noexcept;
  static uint32_t HashOf(Domain domain, const FrameId* frames, uint32_t count, LabelSetId labels);

  uint32_t max_sites_;
  std::vector<Site> sites_;
  std::vector<FrameId> frame_pool_;
  std::vector<SiteId> changed_;
  IdIndex index_;
  double current_ = 0;
  double peak_ = 0;
  uint64_t live_samples_ = 0;
  uint32_t live_sites_ = 0;
  uint32_t births_ = 0;
  uint64_t overflow_ = 0;
  FrameId overflow_frame_ = 0;
  SiteId overflow_site_ = UINT32_MAX;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_SITE_TABLE_H_
