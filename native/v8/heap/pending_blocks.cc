// SPDX-License-Identifier: MIT
#include "v8/heap/pending_blocks.h"

#include <new>

#include "core/sampler.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {
namespace {

constexpr size_t kReadAhead = 8;
constexpr size_t kMaxIdleBlocks = 1 << 14;  // records kept between collections

}  // namespace

void PendingBlocks::Add(const PendingBlock& block) {
  if (blocks_.empty()) {
    canary_ = Pin(isolate_, block.address | 1);
    canary_.SetWeak();
    canary_address_ = block.address;
  }
  blocks_.push_back(block);
}

void PendingBlocks::Settle() {
  if (blocks_.empty()) return;
  const bool is_intact = !canary_.IsEmpty() && AddressOf(canary_) == canary_address_;
  canary_.Reset();
  for (size_t i = 0; i < blocks_.size(); i++) {
    const PendingBlock& block = blocks_[i];
    if (i + kReadAhead < blocks_.size()) {
      // The program's own allocations have long displaced most blocks from the CPU's caches.
      __builtin_prefetch(reinterpret_cast<const void*>(blocks_[i + kReadAhead].address));
    }
    if (!is_intact) {
      losses_->missed_collections++;
      samples_->Remove(block.sample);
      continue;
    }
    try {
      SettleOne(block);
    } catch (const std::bad_alloc&) {
      losses_->out_of_memory++;
      samples_->Remove(block.sample);
    }
  }
  blocks_.clear();
  if (blocks_.capacity() > kMaxIdleBlocks) GiveBackRoom(&blocks_);
}

void PendingBlocks::SettleOne(const PendingBlock& block) {
  HeapSample* sample = block.sample;
  const BlockMember member =
      FindBlockMember(layout_, *areas_, block.address, block.size, block.place);
  // Objects beyond the block are then counted separately.
  const bool is_beyond = is_exact_ && member.kind == BlockMember::Kind::kLater &&
                         member.share < static_cast<double>(member.size);
  switch (is_beyond ? BlockMember::Kind::kUnused : member.kind) {
    case BlockMember::Kind::kPart:
    case BlockMember::Kind::kMerged:
    case BlockMember::Kind::kLater: {
      places_->Judge(sample, block.code, block.address, member);
      samples_->Recount(sample, sample->size / member.mean_size,
                        SampleVariance(member.share, sample->size / member.share));
      return samples_->Watch(sample, member.address);
    }
    case BlockMember::Kind::kUnknown:
      losses_->unknown_members++;
      if (block.code.place.is_compiled()) places_->Approximate(sample, block.code.frames);
      return samples_->Watch(sample, member.address);
    case BlockMember::Kind::kWhole:
      places_->Judge(sample, block.code, block.address, member);
      return samples_->Watch(sample, member.address);
    case BlockMember::Kind::kUnused:
      losses_->unused_blocks++;
      samples_->Recount(sample, 0, 0);
      return samples_->Remove(sample);
    case BlockMember::Kind::kNone:
      losses_->missing_objects++;
      return samples_->Remove(sample);
  }
}

void PendingBlocks::Drop() {
  canary_.Reset();
  blocks_.clear();
  GiveBackRoom(&blocks_);
}

}  // namespace tracemalloc
