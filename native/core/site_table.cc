// SPDX-License-Identifier: MIT
#include "core/site_table.h"

#include <algorithm>
#include <limits>
#include <new>

#include "core/vector_room.h"

namespace tracemalloc {

uint32_t SiteTable::HashOf(Domain domain, const FrameId* frames, uint32_t count,
                           LabelSetId labels) {
  uint64_t h = (static_cast<uint64_t>(domain) << 32) | count;
  h ^= labels * 0xC2B2AE3D27D4EB4Full;
  for (uint32_t i = 0; i < count; i++) {
    h = (h ^ frames[i]) * 0x9E3779B97F4A7C15ull;
    h ^= h >> 32;
  }
  return static_cast<uint32_t>(h);
}

SiteId SiteTable::Intern(Domain domain, const FrameId* frames, uint32_t count,
                         uint32_t total_frames, LabelSetId labels) {
  const uint32_t hash = HashOf(domain, frames, count, labels);
  const SiteId known = index_.Find(hash, [&](SiteId id) {
    const Site& site = sites_[id];
    return site.domain == domain && site.labels == labels && site.frame_count == count &&
           std::equal(frames, frames + count, this->frames(site));
  });
  if (known != IdIndex::kNone) return known;
  if (sites_.size() + 1 < max_sites_) return Append(domain, frames, count, total_frames, labels);
  overflow_++;
  if (overflow_site_ == UINT32_MAX) {
    overflow_site_ = Append(domain, &overflow_frame_, 1, 1, kNoLabels);
  }
  return overflow_site_;
}

SiteId SiteTable::Append(Domain domain, const FrameId* frames, uint32_t count,
                         uint32_t total_frames, LabelSetId labels) {
  index_.MakeRoomForOne();
  MakeRoom(&sites_, 1);
  MakeRoom(&frame_pool_, count);
  // A failure could not be reported while a death is counted.
  changed_.reserve(sites_.capacity());
  const SiteId id = static_cast<SiteId>(sites_.size());
  sites_.push_back(Site{domain,
                        labels,
                        static_cast<uint32_t>(frame_pool_.size()),
                        count,
                        total_frames,
                        SiteCounters{},
                        {},
                        false,
                        false,
                        births_});
  index_.Add(HashOf(domain, frames, count, labels));
  frame_pool_.insert(frame_pool_.end(), frames, frames + count);
  return id;
}

SiteId SiteTable::AddRest(Domain domain, FrameId frame) {
  const SiteId id = Append(domain, &frame, 1, 1, kNoLabels);
  sites_[id].is_rest = true;
  return id;
}

void SiteTable::Fold(SiteId site, SiteId rest) {
  const SiteCounters& from = sites_[site].counters;
  SiteCounters& c = sites_[rest].counters;
  c.allocated_size += from.allocated_size;
  c.allocated_count += from.allocated_count;
  c.allocated_samples += from.allocated_samples;
  Touch(rest);
}

void SiteTable::Renumber(const Renumbering& ids) noexcept {
  for (Site& site : sites_) {
    for (TypedCounters& typed : site.types) typed.type = ids.strings[typed.type];
  }
  size_t pooled = 0;
  for (SiteId id = 0; id < sites_.size(); id++) {
    if (ids.sites[id] == kGone) continue;
    Site& site = sites_[id];
    // Sites and their frames are in the same order.
    for (uint32_t i = 0; i < site.frame_count; i++) {
      frame_pool_[pooled + i] = ids.frames[frame_pool_[site.first_frame + i]];
    }
    site.first_frame = static_cast<uint32_t>(pooled);
    pooled += site.frame_count;
  }
  frame_pool_.resize(pooled);
  GiveBackRoom(&frame_pool_);
  size_t kept = 0;
  for (const SiteId id : changed_) {
    if (ids.sites[id] != kGone) changed_[kept++] = ids.sites[id];
  }
  changed_.resize(kept);
  MoveToNewIds(&sites_, ids.sites);
  GiveBackChanged();
  index_.Renumber(ids.sites, [this](SiteId id) {
    const Site& site = sites_[id];
    return HashOf(site.domain, frames(site), site.frame_count, site.labels);
  });
  if (overflow_site_ != UINT32_MAX) overflow_site_ = ids.sites[overflow_site_];
  if (overflow_frame_ < ids.frames.size()) overflow_frame_ = ids.frames[overflow_frame_];
}

// As GiveBackRoom, but keeps the room that Touch() relies on.
void SiteTable::GiveBackChanged() noexcept {
  if (changed_.capacity() <= 4 * sites_.size()) return;
  try {
    std::vector<SiteId> smaller;
    smaller.reserve(sites_.capacity());
    smaller.assign(changed_.begin(), changed_.end());
    changed_.swap(smaller);
  } catch (const std::bad_alloc&) {
    // It is used again.
  }
}

void SiteTable::Touch(SiteId id) {
  Site& site = sites_[id];
  if (site.changed) return;
  site.changed = true;
  changed_.push_back(id);
}

void SiteTable::Add(SiteId id, double size, double count, double variance) {
  SiteCounters& c = sites_[id].counters;
  c.live_size += size;
  c.live_count += count;
  c.live_variance += variance;
  if (c.live_samples++ == 0) live_sites_++;
  c.allocated_size += size;
  c.allocated_count += count;
  c.allocated_samples++;
  live_samples_++;
  sites_[id].last_birth = ++births_;
  current_ += size;
  if (current_ > peak_) peak_ = current_;
  Touch(id);
}

void SiteTable::Remove(SiteId id, double size, double count, double variance) {
  SiteCounters& c = sites_[id].counters;
  // Doubles added in one order and subtracted in another leave a residue; with no sample left the
  // exact value is known.
  if (--c.live_samples == 0) {
    c.live_size = c.live_count = c.live_variance = 0;
    live_sites_--;
  } else {
    c.live_size -= size;
    c.live_count -= count;
    c.live_variance = std::max(0.0, c.live_variance - variance);
  }
  current_ = --live_samples_ == 0 ? 0 : current_ - size;
  Touch(id);
}

void SiteTable::Move(SiteId from, SiteId to, double size, double count, double variance) {
  if (from == to) return;
  Remove(from, size, count, variance);
  SiteCounters& c = sites_[from].counters;
  c.allocated_size -= size;
  c.allocated_count -= count;
  if (--c.allocated_samples == 0) c.allocated_size = c.allocated_count = 0;
  Add(to, size, count, variance);
}

void SiteTable::Recount(SiteId id, double count, double variance) {
  SiteCounters& c = sites_[id].counters;
  c.live_count += count;
  c.live_variance += variance;
  c.allocated_count += count;
  Touch(id);
}

void SiteTable::Reweigh(SiteId id, double size, double count, double variance) {
  SiteCounters& c = sites_[id].counters;
  c.live_size += size;
  c.live_count += count;
  c.live_variance += variance;
  current_ += size;
  Touch(id);
}

void SiteTable::AddTyped(SiteId id, StringId type, double size, double count) {
  auto& types = sites_[id].types;
  auto it = std::find_if(types.begin(), types.end(),
                         [type](const TypedCounters& t) { return t.type == type; });
  if (it == types.end()) it = types.insert(types.end(), TypedCounters{type, 0, 0});
  it->live_size += size;
  it->live_count += count;
  // Half a count is less than any sample adds, and more than a rounding residue.
  if (it->live_count < 0.5) types.erase(it);
  Touch(id);
}

void SiteTable::SetLive(SiteId id, double size, double count, double variance, uint32_t samples) {
  SiteCounters& c = sites_[id].counters;
  if (c.live_samples == samples && c.live_size == size && c.live_count == count) return;
  current_ += size - c.live_size;
  live_samples_ += samples;
  live_samples_ -= c.live_samples;
  live_sites_ += (samples > 0 ? 1 : 0);
  live_sites_ -= (c.live_samples > 0 ? 1 : 0);
  if (samples > 0) sites_[id].last_birth = ++births_;
  c.live_size = size;
  c.live_count = count;
  c.live_variance = variance;
  c.live_samples = samples;
  c.allocated_size = c.allocated_count = std::numeric_limits<double>::quiet_NaN();
  Touch(id);
}

void SiteTable::MarkAllUnchanged() {
  for (SiteId id : changed_) sites_[id].changed = false;
  changed_.clear();
}

void SiteTable::MarkAllChanged() {
  for (SiteId id = 0; id < sites_.size(); id++) Touch(id);
}

void SiteTable::Clear() { *this = SiteTable(max_sites_); }

size_t SiteTable::MemoryUsage() const {
  return sites_.capacity() * sizeof(Site) + frame_pool_.capacity() * sizeof(FrameId) +
         changed_.capacity() * sizeof(uint32_t) + index_.MemoryUsage();
}

}  // namespace tracemalloc
