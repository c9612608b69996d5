// SPDX-License-Identifier: MIT
#include "core/sample_points.h"

#include <algorithm>
#include <cmath>

namespace tracemalloc {

namespace {

// The unused end of a block is what another path of the same code would have needed. A larger
// overlap is none: the previous block was in another space.
constexpr int64_t kMostLeft = 512;

// V8 keeps distances in an int.
constexpr double kMaxDistance = 1 << 30;

}  // namespace

template <typename Accept>
SamplePoints::Space* SamplePoints::Nearest(uintptr_t block, Accept accept) {
  Space* best = nullptr;
  uintptr_t best_gap = UINTPTR_MAX;
  for (size_t i = 0; i < space_count_; i++) {
    Space& space = spaces_[i];
    const uintptr_t gap = block > space.address ? block - space.address : space.address - block;
    if (gap >= best_gap || !accept(space)) continue;
    best = &space;
    best_gap = gap;
  }
  return best;
}

SamplePoints::Space* SamplePoints::NewSpace() {
  return &spaces_[space_count_ < kMaxSpaces ? space_count_++ : kMaxSpaces - 1];
}

bool SamplePoints::Locate(int64_t bytes_since_last, uintptr_t block, size_t size,
                          SamplePlace* place) {
  double interval = sampler_.interval();
  const auto holds_point = [&](const Space& space) {
    const int64_t point = space.end - bytes_since_last;
    return point > 0 && point <= static_cast<int64_t>(size);
  };
  Space* space = nullptr;
  double begin = 0;
  double point;  // from `begin` on
  if (bytes_since_last == 0) {
    // The first report of this space: blocks are never empty.
    space = NewSpace();
    point = sampler_.NextDistance();
  } else if ((space = Nearest(block, holds_point)) != nullptr) {
    if (!space->is_fresh) interval = space->interval;
    const int64_t left = space->size - bytes_since_last;
    // At interval 1 each reported object counts as a whole.
    const bool overlaps = interval > 1 && left > 0 && left <= kMostLeft;
    begin = overlaps ? static_cast<double>(left) : 0;
    point = space->is_fresh
                ? sampler_.NextDistance()
                : static_cast<double>(space->end - bytes_since_last) + space->beyond - begin;
  } else {
    // It is only known that the block has a point.
    unmatched_++;
    space = Nearest(block, [](const Space&) { return true; });
    if (space != nullptr && !space->is_fresh) interval = space->interval;
    if (space == nullptr) space = NewSpace();
    const double all = static_cast<double>(size);
    point = -std::log1p(sampler_.NextUniform() * std::expm1(-all / interval)) * interval;
    point = point < 1 ? 1 : point > all ? all : point;
  }
  const double bytes = static_cast<double>(size) - begin;
  last_ = space;
  space->size = static_cast<int64_t>(size);
  space->address = block;
  if (rehearsing_) {
    space->is_fresh = true;
    distance_ = 1;
    return false;
  }
  space->is_fresh = false;
  if (point > bytes) {
    distance_ = point - bytes;
    space->interval = interval;
    return false;
  }
  distance_ = sampler_.NextDistance();
  space->interval = sampler_.interval();
  // At interval 1 all points are the first of their blocks. Rounding may carry a quotient
  // past 1.
  const double share =
      interval <= 1 ? sampler_.NextUniform()
                    : std::min(1.0, std::expm1(-point / interval) / std::expm1(-bytes / interval));
  *place = {begin, begin + share * bytes, interval};
  return true;
}

int64_t SamplePoints::NextDistance() {
  if (last_ == nullptr) return 1;
  const double step = distance_ > kMaxDistance ? kMaxDistance : std::ceil(distance_);
  last_->beyond = distance_ - step;
  last_->end = last_->size + static_cast<int64_t>(step);
  return static_cast<int64_t>(step);
}

}  // namespace tracemalloc
