// SPDX-License-Identifier: MIT
#include "v8/walker/runtime_gate.h"

#include <vector>

#include "v8/walker/collection_watch.h"
#include "v8/walker/stack_comparison.h"

namespace tracemalloc {
namespace {

bool IsOptimized(Tier tier) { return tier == Tier::kMaglev || tier == Tier::kTurbofan; }

}  // namespace

RuntimeGate::RuntimeGate(v8::Isolate* isolate, FrameReader* reader, FrameTable* frames)
    : isolate_(isolate),
      reader_(reader),
      frames_(frames),
      safe_point_(isolate, [](void* gate) { static_cast<RuntimeGate*>(gate)->Compare(); }, this) {}

uint32_t RuntimeGate::compared() const {
  uint32_t sum = 0;
  for (const uint32_t count : compared_) sum += count;
  return sum;
}

void RuntimeGate::Ask() {
  if (is_asked_ || interrupts_ >= kMaxInterrupts) return;
  ++interrupts_;
  is_asked_ = true;
  safe_point_.Ask();
}

void RuntimeGate::Compare() {
  is_asked_ = false;
  const v8::HandleScope handles(isolate_);
  const CollectionWatch collections(isolate_);
  const HeapView heap(&reader_->layout(), Memory::kChecked);
  const Layout& layout = reader_->layout();
  std::vector<ComparedFrame> frames;
  std::string difference;
  // V8 shows WebAssembly frames, too, so stacks that can't be paired prove nothing.
  if (!PairStacks(isolate_, reader_, &frames, &difference)) return;
  for (size_t i = 0; i < frames.size(); ++i) {
    const ComparedFrame& frame = frames[i];
    if ((frame.own.key.flags & kFrameApproximate) != 0) continue;
    // Interrupts are at a loop's end or a function's start, which have no position of their own in
    // optimized code, as nothing allocates there.
    if (i == 0 && IsOptimized(frame.own.tier)) continue;
    uint32_t& compared = compared_[static_cast<int>(frame.own.tier)];
    const v8::Local<v8::String> source = frame.expected->GetScriptSource();
    int32_t line;
    int32_t column;
    if (compared >= kFramesPerTier || source.IsEmpty() || source->Length() > kLongestSource ||
        !heap.SmiField(frame.own.script, layout.script_line_offset, &line) ||
        !heap.SmiField(frame.own.script, layout.script_column_offset, &column)) {
      continue;
    }
    const bool is_same = SamePlace(isolate_, frame, line, column, &difference);
    if (collections.count() > 0) return;  // the frames may have moved before they were compared
    ++compared;
    if (is_same) continue;
    SwitchOff(frame.own.tier);
    frames_->DoubtAll();
    changed_ = true;
    reason_ = (IsOptimized(frame.own.tier)
                   ? "lines of " + std::string(TierName(frame.own.tier)) + " frames are off: "
                   : "lines are off: ") +
              difference;
  }
}

void RuntimeGate::SwitchOff(Tier tier) {
  if (IsOptimized(tier)) return reader_->SwitchOff(tier);
  for (int each = 0; each < kTierCount; ++each) reader_->SwitchOff(static_cast<Tier>(each));
}

}  // namespace tracemalloc
