// SPDX-License-Identifier: MIT
#include "core/site_table.h"

#include <algorithm>
#include <limits>

#include "core/make_room.h"

namespace tracemalloc {

uint64_t SiteTable::HashOf(Domain domain, const FrameId* frames, uint32_t count) {
  uint64_t h = (static_cast<uint64_t>(domain) << 32) | count;
  for (uint32_t i = 0; i < count; i++) {
    h = (h ^ frames[i]) * 0x9E3779B97F4A7C15ull;
    h ^= h >> 32;
  }
  return h;
}

void SiteTable::GrowIndex() {
  const size_t capacity = index_.empty() ? 1024 : index_.size() * 2;
  index_.assign(capacity, 0);
  for (SiteId id = 0; id < sites_.size(); id++) {
    size_t slot = hashes_[id] & (capacity - 1);
    while (index_[slot] != 0) slot = (slot + 1) & (capacity - 1);
    index_[slot] = id + 1;
  }
}

SiteId SiteTable::Intern(Domain domain, const FrameId* frames, uint32_t count,
                         uint32_t total_frames) {
  if ((sites_.size() + 1) * 2 > index_.size()) GrowIndex();
  const uint32_t hash = static_cast<uint32_t>(HashOf(domain, frames, count));
  const size_t mask = index_.size() - 1;
  size_t slot = hash & mask;
  while (index_[slot] != 0) {
    const SiteId id = index_[slot] - 1;
    const Site& site = sites_[id];
    if (hashes_[id] == hash && site.domain == domain && site.frame_count == count &&
        std::equal(frames, frames + count, this->frames(site))) {
      return id;
    }
    slot = (slot + 1) & mask;
  }
  MakeRoom(&sites_, 1);
  MakeRoom(&hashes_, 1);
  MakeRoom(&frame_pool_, std::max(count, 1u));
  // Nobody can be told of a failure where a death is counted.
  changed_.reserve(sites_.capacity());
  if (sites_.size() + 1 >= max_sites_) {
    overflow_++;
    if (overflow_site_ != UINT32_MAX) return overflow_site_;
    overflow_site_ = static_cast<SiteId>(sites_.size());
    frames = &overflow_frame_;
    count = total_frames = 1;
  } else {
    index_[slot] = static_cast<uint32_t>(sites_.size()) + 1;
  }
  const SiteId id = static_cast<SiteId>(sites_.size());
  sites_.push_back(Site{domain,
                        static_cast<uint32_t>(frame_pool_.size()),
                        count,
                        total_frames,
                        SiteCounters{},
                        {},
                        false});
  hashes_.push_back(hash);
  frame_pool_.insert(frame_pool_.end(), frames, frames + count);
  return id;
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
  c.live_samples++;
  c.allocated_size += size;
  c.allocated_count += count;
  c.allocated_samples++;
  live_samples_++;
  current_ += size;
  if (current_ > peak_) peak_ = current_;
  Touch(id);
}

void SiteTable::Remove(SiteId id, double size, double count, double variance) {
  SiteCounters& c = sites_[id].counters;
  // Doubles added in one order and subtracted in another leave a residue; with no sample left the
  // truth is known.
  if (--c.live_samples == 0) {
    c.live_size = c.live_count = c.live_variance = 0;
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

void SiteTable::AddTyped(SiteId id, StringId type, double size, double count) {
  auto& types = sites_[id].types;
  auto it = std::find_if(types.begin(), types.end(),
                         [type](const TypedCounters& t) { return t.type == type; });
  if (it == types.end()) it = types.insert(types.end(), TypedCounters{type, 0, 0});
  it->live_size += size;
  it->live_count += count;
  // Half a count: below what any sample adds, above what rounding leaves.
  if (it->live_count < 0.5) types.erase(it);
  Touch(id);
}

void SiteTable::SetLive(SiteId id, double size, double count, double variance, uint32_t samples) {
  SiteCounters& c = sites_[id].counters;
  if (c.live_samples == samples && c.live_size == size && c.live_count == count) return;
  current_ += size - c.live_size;
  live_samples_ += samples;
  live_samples_ -= c.live_samples;
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
         (changed_.capacity() + index_.capacity() + hashes_.capacity()) * sizeof(uint32_t);
}

}  // namespace tracemalloc
