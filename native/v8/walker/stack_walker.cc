// SPDX-License-Identifier: MIT
#include "v8/walker/stack_walker.h"

#include <node_version.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "v8/names/frame_resolver.h"
#include "v8/walker/ask_v8.h"
#include "v8/walker/frame_cache.h"
#include "v8/walker/frame_reader.h"
#include "v8/walker/runtime_gate.h"
#include "v8/walker/self_test.h"

namespace tracemalloc {
namespace {

constexpr size_t kMaxVerdicts = 1 << 14;
constexpr size_t kVerdictSize = 128;  // about, with a tree's node and some frames

// Whether V8 has put the frame there to go on without optimization, and is still making the objects
// that optimized code had no need of: its pc is then a builtin's first instruction, and no call
// ends before it. V8 puts an int3 before each builtin.
bool IsYetToRun(const HeapView& heap, const PhysicalFrame& frame) {
  constexpr uint8_t kInt3 = 0xCC;
  uint8_t before;
  return frame.is_innermost && heap.Load(frame.pc - 1, &before) && before == kInt3;
}

class CachingStackWalker : public StackWalker {
 public:
  CachingStackWalker(v8::Isolate* isolate, const Layout* layout, FrameTable* frames,
                     FrameResolver* resolver)
      : heap_(layout, Memory::kDirect),
        reader_(layout, AskV8(isolate)),
        gate_(isolate, &reader_, frames),
        frames_(frames),
        resolver_(resolver) {}

  FrameReader* reader() { return &reader_; }

  // The self-test saw no frame of that tier.
  void SwitchOff(Tier tier) {
    reader_.SwitchOff(tier);
    untested_ += std::string(untested_.empty() ? "" : "; ") + "lines of " + TierName(tier) +
                 " frames are off: the self-test saw none, since V8 threw its code away";
  }

  WalkedStack Walk(FrameId* out, uint32_t limit) override {
    WalkedStack walked;
    if (gate_.TakeChange()) cache_.Clear();
    const CodeSpace& code_space = reader_.code_space();
    const uintptr_t exit_frame = code_space.TopExitFrame();
    FrameChain chain(heap_, exit_frame, code_space.entry_saved_exit());
    PhysicalFrame frame;
    while (chain.Next(&frame)) {
      const Frames frames = Lookup(frame);
      if (frames.is_yet_to_run) walked.code.is_deoptimizing = true;
      if (frames.is_compiled && frame.callee_fp == exit_frame) {
        walked.code.pc = frame.pc;
        walked.code.frames = std::min(frames.count, limit);
        heap_.Load(frame.fp + kFrameFunction, &walked.code.function);
      } else if (frames.bytecode_array != 0 && walked.count == 0) {
        walked.code.pc = frames.bytecode_array + frames.bytecode_offset;
        walked.code.frames = std::min(frames.count, limit);
        walked.code.bytecode_offset = frames.bytecode_offset;
        walked.code.bytecode_array = frames.bytecode_array;
      }
      for (uint32_t i = 0; i < frames.count; ++i) {
        if (walked.count == limit) return walked;
        out[walked.count++] = frames.ids[i];
      }
    }
    walked.total = walked.count;
    return walked;
  }

  PlaceVerdict Judge(const AllocatingCode& code, uintptr_t object) override {
    uintptr_t map;
    if (code.pc == 0 || !heap_.Field(object, 0, &map)) return {};
    if (verdicts_.size() >= kMaxVerdicts) verdicts_.clear();
    const auto known = verdicts_.find({code.pc, map});
    const Verdict& verdict = known != verdicts_.end()
                                 ? known->second
                                 : (verdicts_[{code.pc, map}] = Consider(code, object));
    return {verdict.kind, verdict.frames.data(), static_cast<uint32_t>(verdict.frames.size())};
  }

  void Clear() override {
    cache_.Clear();
    verdicts_.clear();
  }

  void Renumber(const Renumbering&) noexcept override { Clear(); }

  void CodeMayHaveMoved() override {
    Clear();
    reader_.CodeMayHaveMoved();
  }

  void Report(EngineReport* report) const override {
    report->diagnostics.emplace_back("walkerLookups", static_cast<double>(lookups_));
    report->diagnostics.emplace_back("walkerMisses", static_cast<double>(misses_));
    report->diagnostics.emplace_back("walkerUnreadableFrames", static_cast<double>(unreadable_));
    report->diagnostics.emplace_back("walkerFramesCompared", static_cast<double>(gate_.compared()));
    for (const std::string& reason : {untested_, gate_.reason()}) {
      if (reason.empty()) continue;
      if (!report->reason.empty()) report->reason += "; ";
      report->reason += reason;
    }
  }

  size_t MemoryUsage() const override {
    return sizeof(*this) + cache_.MemoryUsage() + reader_.MemoryUsage() +
           verdicts_.size() * kVerdictSize;
  }

 private:
  // Innermost first; valid until the next look-up.
  struct Frames {
    const FrameId* ids = nullptr;
    uint32_t count = 0;
    bool is_compiled = false;      // neither interpreted nor a builtin's
    int32_t bytecode_offset = -1;  // in
    uintptr_t bytecode_array = 0;  // 0: not at a bytecode that is known
    bool is_yet_to_run = false;
  };

  Frames Lookup(const PhysicalFrame& frame) {
    const CodeSpace& code_space = reader_.code_space();
    const uintptr_t builtin = code_space.NormalizedBuiltin(frame.pc);
    FrameCache::Place place;
    uintptr_t bytecode_array = 0;
    InterpretedOffset offset;
    if (code_space.IsInterpreterReturn(builtin)) {
      heap_.Load(frame.fp + kFrameBytecodeArray, &bytecode_array);
      if (!HeapView::IsHeapObject(bytecode_array)) return Unreadable();
      offset = reader_.OffsetOf(heap_, frame, bytecode_array);
      place = {bytecode_array, static_cast<uintptr_t>(offset.known ? offset.offset + 1 : -1)};
    } else if (builtin != 0) {
      return ReadBuiltin(frame);
    } else {
      place = {frame.pc, 0};
    }
    ++lookups_;
    Frames frames;
    frames.is_compiled = bytecode_array == 0;
    if (offset.known) {
      frames.bytecode_array = bytecode_array;
      frames.bytecode_offset = offset.offset;
    }
    if (const FrameCache::Frames* known = cache_.Find(place)) {
      frames.ids = cache_.ids(*known);
      frames.count = known->count;
      return frames;
    }
    ++misses_;
    sources_.clear();
    const ReadResult read =
        bytecode_array != 0
            ? reader_.ReadInterpreted(heap_, frame, bytecode_array, offset, &sources_)
            : reader_.ReadCompiled(frame, &sources_);
    if (read == ReadResult::kUnreadable) ++unreadable_;
    InternSources(&frames);
    cache_.Insert(place, frames.ids, frames.count);
    return frames;
  }

  // Not worth a place in the cache: nearly always a builtin, told from its function.
  Frames ReadBuiltin(const PhysicalFrame& frame) {
    Frames frames;
    sources_.clear();
    if (reader_.ReadBuiltin(heap_, frame, &sources_) != ReadResult::kFrames) return frames;
    InternSources(&frames);
    frames.is_yet_to_run = IsYetToRun(heap_, frame);
    return frames;
  }

  Frames Unreadable() {
    ++unreadable_;
    return {};
  }

  struct Verdict {
    PlaceVerdict::Kind kind = PlaceVerdict::Kind::kAsTold;
    std::vector<FrameId> frames;
  };

  Verdict Consider(const AllocatingCode& code, uintptr_t object) {
    sources_.clear();
    Verdict verdict;
    verdict.kind = reader_.Judge(code, object, &sources_);
    for (const SourceFrame& source : sources_) verdict.frames.push_back(Intern(source));
    return verdict;
  }

  FrameId Intern(const SourceFrame& source) {
    bool is_new = false;
    const FrameId id = frames_->Intern(source.key, &is_new);
    if (is_new && resolver_ != nullptr) resolver_->FirstSight(id, source.shared, source.script);
    return id;
  }

  void InternSources(Frames* frames) {
    ids_.clear();
    for (const SourceFrame& source : sources_) {
      ids_.push_back(Intern(source));
      gate_.Saw(source.tier);
    }
    frames->ids = ids_.data();
    frames->count = static_cast<uint32_t>(ids_.size());
  }

  const HeapView heap_;
  FrameReader reader_;
  RuntimeGate gate_;
  FrameTable* frames_;
  FrameResolver* resolver_;
  FrameCache cache_;
  std::map<std::pair<uintptr_t, uintptr_t>, Verdict> verdicts_;  // by pc and the object's map
  std::vector<SourceFrame> sources_;
  std::vector<FrameId> ids_;
  std::string untested_;
  uint64_t lookups_ = 0;
  uint64_t misses_ = 0;
  uint64_t unreadable_ = 0;
};

}  // namespace

Status StackWalker::Create(v8::Isolate* isolate, FrameTable* frames, FrameResolver* resolver,
                           std::unique_ptr<StackWalker>* walker) {
  std::string reason;
  const Layout* layout = FindLayout(NODE_MODULE_VERSION, v8::V8::GetVersion(), &reason);
  if (layout == nullptr) return Status::Error(StatusCode::kUnsupportedPlatform, reason);
  return CreateWithLayout(isolate, layout, frames, resolver, walker);
}

Status StackWalker::CreateWithLayout(v8::Isolate* isolate, const Layout* layout, FrameTable* frames,
                                     FrameResolver* resolver,
                                     std::unique_ptr<StackWalker>* walker) {
  std::string reason;
  std::vector<Tier> unseen;
  auto made = std::make_unique<CachingStackWalker>(isolate, layout, frames, resolver);
  if (!CheckConstants(*layout, &reason) || !made->reader()->Init(&reason) ||
      !RunSelfTest(isolate, made->reader(), &unseen, &reason)) {
    return Status::Error(StatusCode::kUnsupportedPlatform, reason);
  }
  for (const Tier tier : unseen) made->SwitchOff(tier);
  *walker = std::move(made);
  return Status::Ok();
}

}  // namespace tracemalloc
