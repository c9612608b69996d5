// SPDX-License-Identifier: MIT
#include "v8/heap/sample_places.h"

#include <algorithm>

namespace tracemalloc {

// Checks the place of an allocation by the object: see PlaceJudge. Compiled code reports merged
// allocations at the place of the first one: the places of the others, in that function or in one
// inlined beside it, can be found only from the objects. Code that was optimized since start() does
// not merge. The merged objects of a builtin have one place, but other code may have used what a
// builtin or compiled code left of a block: only a literal certainly made all objects in its block.
void SamplePlaces::Judge(HeapSample* sample, const AllocatingCode& code, uintptr_t block,
                         const BlockMember& member) {
  const uint32_t told = code.frames;
  if (code.is_deoptimizing || member.kind == BlockMember::Kind::kLater ||
      (member.kind == BlockMember::Kind::kMerged && told == 0)) {
    return Approximate(sample, kMaxTraceback);
  }
  if (told == 0) return;
  const bool is_compiled = code.place.is_compiled();
  const bool is_merged =
      member.kind == BlockMember::Kind::kMerged || (is_compiled && member.address != block);
  using InBlock = JudgedObject::InBlock;
  const bool is_alone = member.kind == BlockMember::Kind::kWhole;
  const InBlock in_block = is_merged  ? InBlock::kLater
                           : is_alone ? InBlock::kAlone
                                      : InBlock::kFirst;
  const PlaceVerdict judged = walker_->Judge(code, {member.address | 1, in_block});
  if (judged.verdict == Verdict::kDoubtful) losses_->doubtful_places++;
  if (judged.verdict == Verdict::kDoubtful || (is_merged && judged.verdict != Verdict::kCertain)) {
    const bool may_be_anybodys = member.kind == BlockMember::Kind::kMerged;
    return Approximate(sample, may_be_anybodys ? kMaxTraceback : told);
  }
  if (judged.verdict == Verdict::kAsTold || judged.count == 0) return;
  const Site& site = tables_->sites.at(sample->site);
  if (site.frame_count < told) return;  // the table had no room for its stack: see SiteTable
  const FrameId* old_frames = tables_->sites.frames(site);
  if (judged.count == told && std::equal(old_frames, old_frames + told, judged.frames)) return;
  losses_->corrected_places++;
  FrameId frames[kMaxTraceback];
  const uint32_t limit = std::min(kMaxTraceback, traceback_limit_);
  const uint32_t corrected = std::min(judged.count, limit);
  const uint32_t rest = std::min(site.frame_count - told, limit - corrected);
  std::copy_n(judged.frames, corrected, frames);
  std::copy_n(old_frames + told, rest, frames + corrected);
  const uint32_t total = site.total_frames == 0 ? 0 : site.total_frames - told + judged.count;
  MoveTo(sample, frames, corrected + rest, total);
}

void SamplePlaces::Approximate(HeapSample* sample, uint32_t frame_count) {
  if (frame_count == 0) return;
  const Site site = tables_->sites.at(sample->site);
  FrameId frames[kMaxTraceback];
  std::copy_n(tables_->sites.frames(site), site.frame_count, frames);
  for (uint32_t i = 0; i < std::min(frame_count, site.frame_count); i++) {
    FrameKey key = tables_->frames.at(frames[i]).key;
    if ((key.flags & (kFrameApproximate | kFrameNative)) != 0) continue;
    key.flags |= kFrameApproximate;
    bool is_new = false;
    const FrameId id = tables_->frames.Intern(key, &is_new);
    if (is_new && resolver_ != nullptr) resolver_->ResolveLike(id, frames[i]);
    frames[i] = id;
  }
  MoveTo(sample, frames, site.frame_count, site.total_frames);
}

void SamplePlaces::Refine(HeapSample* sample, v8::Local<v8::Value> object) {
  const Site site = tables_->sites.at(sample->site);
  const FrameId innermost = tables_->sites.frames(site)[0];
  FrameId refined;
  if (resolver_ == nullptr || tables_->frames.at(innermost).key.bytecode == -1 ||
      !resolver_->Refine(innermost, object, &refined)) {
    return;
  }
  FrameId frames[kMaxTraceback];
  std::copy_n(tables_->sites.frames(site), site.frame_count, frames);
  frames[0] = refined;
  MoveTo(sample, frames, site.frame_count, site.total_frames);
}

void SamplePlaces::MoveTo(HeapSample* sample, const FrameId* frames, uint32_t count,
                          uint32_t total) {
  const Site& site = tables_->sites.at(sample->site);
  const SiteId moved = tables_->sites.Intern(site.domain, frames, count, total, site.labels);
  if (moved == sample->site) return;
  tables_->sites.Move(sample->site, moved, sample->size, sample->count, sample->variance);
  sample->site = moved;
}

}  // namespace tracemalloc
