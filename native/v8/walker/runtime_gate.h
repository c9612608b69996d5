// SPDX-License-Identifier: MIT
// Continues to check after the start gate: the first frames of each tier in the real program are
// compared with V8's own at the next safe point, an interrupt. A difference in an optimizing tier
// switches lines off for that tier; one in a lower tier for all tiers, since all use the same
// tables. All frames read so far then count as approximate.
#ifndef TRACEMALLOC_V8_WALKER_RUNTIME_GATE_H_
#define TRACEMALLOC_V8_WALKER_RUNTIME_GATE_H_

#include <v8.h>

#include <array>
#include <cstdint>
#include <string>

#include "layout/frames/frame_reader.h"
#include "v8/walker/safe_point.h"

namespace tracemalloc {

class RuntimeGate {
 public:
  // Both pointers outlive the gate.
  RuntimeGate(v8::Isolate* isolate, FrameReader* reader, FrameTable* frames);
  RuntimeGate(const RuntimeGate&) = delete;
  RuntimeGate& operator=(const RuntimeGate&) = delete;

  // A frame of that tier was read. Safe in the hook: at most requests an interrupt.
  void Saw(Tier tier) {
    if (tier != Tier::kOther && compared_[static_cast<int>(tier)] < kFramesPerTier) Ask();
  }
  // True once after a tier was switched off: cached frames are void.
  bool TakeChange() {
    const bool changed = changed_;
    changed_ = false;
    return changed;
  }

  uint32_t compared() const;
  const std::string& reason() const { return reason_; }  // empty: all tiers are on

 private:
  static constexpr uint32_t kFramesPerTier = 8;
  static constexpr uint32_t kMaxInterrupts = 64;
  static constexpr int kLongestSource = 1 << 20;  // characters; comparing reads them

  void Ask();
  void Compare();
  void SwitchOff(Tier tier);

  v8::Isolate* isolate_;
  FrameReader* reader_;
  FrameTable* frames_;
  SafePoint safe_point_;
  bool is_asked_ = false;
  std::array<uint32_t, kTierCount> compared_{};
  uint32_t interrupts_ = 0;
  bool changed_ = false;
  std::string reason_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_RUNTIME_GATE_H_
