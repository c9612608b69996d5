// SPDX-License-Identifier: MIT
#include "core/wire.h"

#include <cstring>
#include <type_traits>

#include "core/murmur_hash.h"

namespace tracemalloc {

namespace {

constexpr uint32_t kMagic = 0x32424D54;
constexpr size_t kHeaderSize = 88;

class Bytes {
 public:
  explicit Bytes(size_t size) : bytes_(size) {}
  template <typename T>
  void Put(T value) {
    static_assert(std::is_arithmetic<T>::value, "a number");
    std::memcpy(bytes_.data() + at_, &value, sizeof(value));
    at_ += sizeof(value);
  }
  void Put(const std::string& text) {
    std::memcpy(bytes_.data() + at_, text.data(), text.size());
    at_ += text.size();
  }
  std::vector<uint8_t> Seal() {
    const uint32_t checksum = MurmurHash(bytes_.data() + 12, bytes_.size() - 12);
    std::memcpy(bytes_.data() + 8, &checksum, sizeof(checksum));
    return std::move(bytes_);
  }

 private:
  std::vector<uint8_t> bytes_;
  size_t at_ = 0;
};

}  // namespace

uint32_t MurmurHash(const uint8_t* data, size_t size) { return Murmur().Finish(data, size); }

std::vector<uint32_t> ToldIds::Gone() const {
  std::vector<uint32_t> gone;
  gone.reserve(count_ - ids_.size());
  uint32_t id = 0;
  for (const uint32_t told : ids_) {
    for (; id < told; id++) gone.push_back(id);
    id = told + 1;
  }
  for (; id < count_; id++) gone.push_back(id);
  return gone;
}

void ToldIds::Tell(uint32_t size) {
  const uint32_t unchanged = ids_.size() == count_ ? count_ : 0;
  ids_.resize(size);
  for (uint32_t id = unchanged; id < size; id++) ids_[id] = id;
  count_ = size;
}

void ToldIds::Renumber(const NewIds& ids) noexcept { MoveToNewIds(&ids_, ids); }

void WireWriter::Renumber(const Renumbering& ids) noexcept {
  strings_.Renumber(ids.strings);
  frames_.Renumber(ids.frames);
  sites_.Renumber(ids.sites);
}

void WireWriter::Reset() {
  sequence_++;
  strings_ = frames_ = sites_ = ToldIds();
}

size_t WireWriter::MemoryUsage() const {
  return strings_.MemoryUsage() + frames_.MemoryUsage() + sites_.MemoryUsage();
}

std::vector<uint8_t> WireWriter::Write(Tables* tables, uint32_t acknowledged) {
  const bool anew = began_anew_ =
      acknowledged != sequence_ || acknowledged == 0 || doubts_ != tables->frames.doubts();
  if (anew) tables->sites.MarkAllChanged();
  if (anew) strings_ = frames_ = sites_ = ToldIds();
  const StringId first_string = strings_.first_new();
  const FrameId first_frame = frames_.first_new();
  const SiteId first_site = sites_.first_new();
  const std::vector<uint32_t> gone[] = {strings_.Gone(), frames_.Gone(), sites_.Gone()};
  const StringTable& strings = tables->strings;
  const FrameTable& frames = tables->frames;
  const SiteTable& sites = tables->sites;

  size_t string_bytes = 0, site_frames = 0, typed = 0;
  for (StringId id = first_string; id < strings.size(); id++) string_bytes += strings.at(id).size();
  for (SiteId id = first_site; id < sites.size(); id++) site_frames += sites.at(id).frame_count;
  for (SiteId id : sites.changed()) typed += sites.at(id).types.size();
  const size_t string_count = strings.size() - first_string;
  const size_t frame_count = frames.size() - first_frame;
  const size_t site_count = sites.size() - first_site;
  const size_t counter_count = sites.changed().size();
  size_t gone_count = 0;
  for (const auto& ids : gone) gone_count += ids.size();
  const size_t size = kHeaderSize + counter_count * 56 + typed * 24 + gone_count * 4 +
                      frame_count * 24 + site_count * 16 + site_frames * 4 + string_count * 4 +
                      string_bytes;

  Bytes out(size);
  const uint32_t base = anew ? 0 : sequence_;
  tables->batch = ++sequence_;
  for (size_t word : {static_cast<size_t>(kMagic), size, size_t{0}, static_cast<size_t>(base),
                      static_cast<size_t>(sequence_), static_cast<size_t>(first_string),
                      string_count, static_cast<size_t>(first_frame), frame_count,
                      static_cast<size_t>(first_site), site_count, site_frames, counter_count,
                      typed, string_bytes, gone[0].size(), gone[1].size(), gone[2].size()}) {
    out.Put(static_cast<uint32_t>(word));
  }
  out.Put(sites.traced_current());
  out.Put(sites.traced_peak());
  for (SiteId id : sites.changed()) {
    const SiteCounters& c = sites.at(id).counters;
    out.Put(id);
    out.Put(c.live_samples);
    out.Put(uint32_t{0});
    out.Put(static_cast<uint32_t>(sites.at(id).types.size()));
    for (double figure :
         {c.live_size, c.live_count, c.live_variance, c.allocated_size, c.allocated_count}) {
      out.Put(figure);
    }
  }
  for (SiteId id : sites.changed()) {
    for (const TypedCounters& t : sites.at(id).types) {
      out.Put(t.type);
      out.Put(uint32_t{0});
      out.Put(t.live_size);
      out.Put(t.live_count);
    }
  }
  for (const auto& ids : gone) {
    for (const uint32_t id : ids) out.Put(id);
  }
  for (FrameId id = first_frame; id < frames.size(); id++) {
    const FrameTable::Entry& frame = frames.at(id);
    for (uint32_t word :
         {frame.resolution.function_name, frame.resolution.filename, frame.resolution.line,
          frame.resolution.column, static_cast<uint32_t>(frame.key.script_id), frame.flags()}) {
      out.Put(word);
    }
  }
  for (SiteId id = first_site; id < sites.size(); id++) {
    const Site& site = sites.at(id);
    for (uint32_t word :
         {static_cast<uint32_t>(site.domain), site.frame_count, site.total_frames, site.labels}) {
      out.Put(word);
    }
  }
  for (SiteId id = first_site; id < sites.size(); id++) {
    const Site& site = sites.at(id);
    for (uint32_t i = 0; i < site.frame_count; i++) out.Put(sites.frames(site)[i]);
  }
  uint32_t end = 0;
  for (StringId id = first_string; id < strings.size(); id++) {
    out.Put(end += static_cast<uint32_t>(strings.at(id).size()));
  }
  for (StringId id = first_string; id < strings.size(); id++) out.Put(strings.at(id));

  strings_.Tell(strings.size());
  frames_.Tell(frames.size());
  sites_.Tell(sites.size());
  doubts_ = frames.doubts();
  tables->sites.MarkAllUnchanged();
  return out.Seal();
}

}  // namespace tracemalloc
