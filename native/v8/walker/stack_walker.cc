// SPDX-License-Identifier: MIT
#include "v8/walker/stack_walker.h"

#include <node_version.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "layout/frames/frame_reader.h"
#include "layout/verdicts/place_judge.h"
#include "v8/names/frame_resolver.h"
#include "v8/walker/ask_v8.h"
#include "v8/walker/frame_cache.h"
#include "v8/walker/runtime_gate.h"
#include "v8/walker/self_test.h"

namespace tracemalloc {
namespace {

constexpr size_t kMaxVerdicts = 1 << 14;
constexpr size_t kVerdictSize = 128;  // estimated, with a tree's node and some frames

// The cache's key for a place.
FrameCache::Place KeyOf(const CodePlace& place) {
  if (place.kind != CodePlace::Kind::kInterpreter) return {place.code, 0};
  return {place.code,
          place.offset.is_known ? static_cast<uintptr_t>(place.offset.value + 1) : ~uintptr_t{0}};
}

class CachingStackWalker : public StackWalker {
 public:
  CachingStackWalker(v8::Isolate* isolate, const Layout* layout, FrameTable* frames,
                     FrameResolver* resolver)
      : heap_(layout, Memory::kDirect),
        reader_(layout, AskV8(isolate)),
        judge_(&reader_),
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
    FrameChain chain = reader_.Chain(heap_);
    PhysicalFrame frame;
    while (chain.Next(&frame)) {
      const CodePlace place = reader_.PlaceOf(heap_, frame);
      const Frames frames = Lookup(frame, place);
      if (walked.count == 0) NoteCode(frame, place, frames, limit, &walked.code);
      for (uint32_t i = 0; i < frames.count; ++i) {
        if (walked.count == limit) return walked;
        out[walked.count++] = frames.ids[i];
      }
    }
    walked.total = walked.count;
    return walked;
  }

  PlaceVerdict Judge(const AllocatingCode& code, const JudgedObject& object) override {
    if (code.place.kind == CodePlace::Kind::kNone) return {};
    // The object is alive, so it can be read directly: safe reads are system calls.
    const uintptr_t signature = judge_.SignatureOf(heap_, object.tagged);
    if (signature == 0) return {};
    if (verdicts_.size() >= kMaxVerdicts) verdicts_.clear();
    const std::tuple key{code.place.address(), signature, object.in_block};
    const auto known = verdicts_.find(key);
    const Judged& judged =
        known != verdicts_.end() ? known->second : (verdicts_[key] = Consider(code, object));
    return {judged.verdict, judged.frames.data(), static_cast<uint32_t>(judged.frames.size())};
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
    bool is_yet_to_run = false;
  };

  // `frame`: without JavaScript within it.
  void NoteCode(const PhysicalFrame& frame, const CodePlace& place, const Frames& frames,
                uint32_t limit, AllocatingCode* code) {
    if (frames.is_yet_to_run) code->is_deoptimizing = true;
    const bool allocates =
        place.is_compiled() ? frame.callee_fp == reader_.TopExitFrame() : place.is_at_bytecode();
    if (!allocates) return;
    code->place = place;
    code->frames = std::min(frames.count, limit);
    if (place.is_compiled()) heap_.Load(frame.fp + kFrameFunction, &code->function);
  }

  Frames Lookup(const PhysicalFrame& frame, const CodePlace& place) {
    Frames frames;
    switch (place.kind) {
      case CodePlace::Kind::kNone:
        ++unreadable_;
        return frames;
      case CodePlace::Kind::kBuiltin:
        // Not cached: nearly always a builtin, which its function shows at once.
        if (Read(frame, place, &frames) != ReadResult::kFrames) return {};
        frames.is_yet_to_run = FrameReader::IsYetToRun(heap_, frame, place);
        return frames;
      case CodePlace::Kind::kInterpreter:
      case CodePlace::Kind::kCompiled:
        break;
    }
    ++lookups_;
    const FrameCache::Place key = KeyOf(place);
    if (const FrameCache::Frames* known = cache_.Find(key)) {
      frames.ids = cache_.ids(*known);
      frames.count = known->count;
      return frames;
    }
    ++misses_;
    if (Read(frame, place, &frames) == ReadResult::kUnreadable) ++unreadable_;
    cache_.Insert(key, frames.ids, frames.count);
    return frames;
  }

  ReadResult Read(const PhysicalFrame& frame, const CodePlace& place, Frames* frames) {
    sources_.clear();
    ids_.clear();
    const ReadResult read = reader_.Read(heap_, frame, place, &sources_);
    for (const SourceFrame& source : sources_) {
      ids_.push_back(Intern(source));
      gate_.Saw(source.tier);
    }
    frames->ids = ids_.data();
    frames->count = static_cast<uint32_t>(ids_.size());
    return read;
  }

  struct Judged {
    Verdict verdict = Verdict::kAsTold;
    std::vector<FrameId> frames;
  };

  Judged Consider(const AllocatingCode& code, const JudgedObject& object) {
    sources_.clear();
    Judged judged;
    judged.verdict = judge_.Judge(code, object, &sources_);
    for (const SourceFrame& source : sources_) judged.frames.push_back(Intern(source));
    return judged;
  }

  FrameId Intern(const SourceFrame& source) {
    bool is_new = false;
    const FrameId id = frames_->Intern(source.key, &is_new);
    if (is_new && resolver_ != nullptr) resolver_->FirstSight(id, source.shared, source.script);
    return id;
  }

  const HeapView heap_;
  FrameReader reader_;
  PlaceJudge judge_;
  RuntimeGate gate_;
  FrameTable* frames_;
  FrameResolver* resolver_;
  FrameCache cache_;
  // By place, the object's signature, and where it is in its block.
  std::map<std::tuple<uintptr_t, uintptr_t, JudgedObject::InBlock>, Judged> verdicts_;
  std::vector<SourceFrame> sources_;
  std::vector<FrameId> ids_;
  std::string untested_;
  uint64_t lookups_ = 0;
  uint64_t misses_ = 0;
  uint64_t unreadable_ = 0;
};

// All threads have the same V8 and the same flags, so what one of them has tested holds for the
// others.
std::atomic<TestedTiers> tested_tiers{0};

Status Make(v8::Isolate* isolate, const Layout* layout, FrameTable* frames, FrameResolver* resolver,
            TestedTiers* tested, std::unique_ptr<StackWalker>* walker) {
  std::string reason;
  std::vector<Tier> unseen;
  auto made = std::make_unique<CachingStackWalker>(isolate, layout, frames, resolver);
  if (!CheckConstants(*layout, &reason) || !made->reader()->Init(&reason) ||
      !RunSelfTest(isolate, made->reader(), tested, &unseen, &reason)) {
    return Status::Error(StatusCode::kUnsupportedPlatform, reason);
  }
  for (const Tier tier : unseen) made->SwitchOff(tier);
  *walker = std::move(made);
  return Status::Ok();
}

}  // namespace

Status StackWalker::Create(v8::Isolate* isolate, FrameTable* frames, FrameResolver* resolver,
                           std::unique_ptr<StackWalker>* walker) {
  std::string reason;
  const Layout* layout = FindLayout(NODE_MODULE_VERSION, v8::V8::GetVersion(), &reason);
  if (layout == nullptr) return Status::Error(StatusCode::kUnsupportedPlatform, reason);
  TestedTiers tested = tested_tiers;
  const Status status = Make(isolate, layout, frames, resolver, &tested, walker);
  if (status.ok()) tested_tiers |= tested;
  return status;
}

Status StackWalker::CreateWithLayout(v8::Isolate* isolate, const Layout* layout, FrameTable* frames,
                                     FrameResolver* resolver,
                                     std::unique_ptr<StackWalker>* walker) {
  TestedTiers tested = 0;
  return Make(isolate, layout, frames, resolver, &tested, walker);
}

}  // namespace tracemalloc
