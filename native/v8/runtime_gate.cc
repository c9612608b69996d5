// SPDX-License-Identifier: MIT
#include "v8/runtime_gate.h"

#include <memory>
#include <new>
#include <vector>

#include "v8/stack_comparison.h"

namespace tracemalloc {
namespace {

bool IsOptimized(Tier tier) { return tier == Tier::kMaglev || tier == Tier::kTurbofan; }

}  // namespace

RuntimeGate::~RuntimeGate() {
  if (request_ != nullptr) request_->gate = nullptr;
}

uint32_t RuntimeGate::compared() const {
  uint32_t sum = 0;
  for (const uint32_t count : compared_) sum += count;
  return sum;
}

void RuntimeGate::Ask() {
  if (request_ != nullptr || interrupts_ >= kMaxInterrupts) return;
  ++interrupts_;
  request_ = new Request{this};
  isolate_->RequestInterrupt(OnInterrupt, request_);
}

void RuntimeGate::OnInterrupt(v8::Isolate*, void* data) {
  const std::unique_ptr<Request> request(static_cast<Request*>(data));
  if (request->gate == nullptr) return;
  request->gate->request_ = nullptr;
  try {
    request->gate->Compare();
  } catch (const std::bad_alloc&) {
    // These frames are not compared.
  }
}

void RuntimeGate::Compare() {
  const v8::HandleScope handles(isolate_);
  const HeapView heap(&reader_->layout(), Memory::kChecked);
  const Layout& layout = reader_->layout();
  std::vector<ComparedFrame> frames;
  std::string difference;
  // V8 shows WebAssembly's frames, too: stacks that do not pair prove nothing.
  if (!PairStacks(isolate_, reader_, &frames, &difference)) return;
  for (size_t i = 0; i < frames.size(); ++i) {
    const ComparedFrame& frame = frames[i];
    if ((frame.own.key.flags & kFrameApproximate) != 0) continue;
    // An interrupt stops code at a loop's end or a function's start, which in optimized code have
    // no position of their own: nothing allocates there.
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
    ++compared;
    if (SamePlace(isolate_, frame, line, column, &difference)) continue;
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
