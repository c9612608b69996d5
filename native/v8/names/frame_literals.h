// SPDX-License-Identifier: MIT
// Data about frames at literals, whose positions V8 does not keep: the objects needed to find them
// in the source (pinned by v8::Globals while a frame is new), and choices that an object made there
// can still decide.
#ifndef TRACEMALLOC_V8_NAMES_FRAME_LITERALS_H_
#define TRACEMALLOC_V8_NAMES_FRAME_LITERALS_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/frame.h"
#include "core/renumbering.h"
#include "layout/layout.h"
#include "v8/names/literal_choice.h"
#include "v8/names/literal_placer.h"
#include "v8/names/pinned_object.h"
#include "v8/names/script_info.h"

namespace tracemalloc {

// A function of a script, for as long as the script lives.
inline uint64_t FunctionKey(const FrameKey& key) {
  return static_cast<uint64_t>(static_cast<uint32_t>(key.script_id)) << 32 |
         static_cast<uint32_t>(key.function_id);
}

class FrameLiterals {
 public:
  using Choices = std::unordered_map<FrameId, LiteralChoice>;

  // *is_placing is true while our JavaScript looks for literals. `layout`: null if no walker runs,
  // so no frame is at a literal.
  FrameLiterals(v8::Isolate* isolate, FrameTable* frames, const Layout* layout, bool* is_placing)
      : isolate_(isolate), frames_(frames), layout_(layout), is_placing_(is_placing) {}

  void SetPlacer(v8::Local<v8::Function> place) { place_.Reset(isolate_, place); }
  bool has_placer() const { return !place_.IsEmpty(); }

  // Called in the hook, for a new frame at a literal of that function.
  void FirstSight(const FrameKey& key, uintptr_t shared_function_info);
  // Takes a function whose literals are not placed yet. False: there is none.
  bool TakeUnplaced(uint64_t* function);
  bool NeedsPlaces(uint64_t function) const;
  // `function` belongs to that script.
  void Place(ScriptInfo* info, uint64_t function, v8::Local<v8::Value> script);
  void ForgetUnplaced();

  // Takes the choices for these frames, all of that script, which are no longer new.
  Choices TakeChoices(ScriptInfo* info, const std::vector<FrameId>& frames,
                      v8::Local<v8::Value> script);
  // Keeps those that an object can still decide.
  void KeepOpen(Choices* choices);
  // The place of the literal that made the object; null: the object does not decide.
  const PlacedFrame* Choose(FrameId id, v8::Local<v8::Value> object) const;

  void Forget(uint64_t function) noexcept { functions_.erase(function); }
  // If there is no memory, no choices are kept, and their frames stay approximate.
  void Renumber(const Renumbering& ids) noexcept;
  void Clear();
  size_t MemoryUsage() const;

 private:
  struct Function {
    PinnedObject shared;
    PinnedObject bytecode;
    std::vector<int32_t> wanted;  // FrameKey::bytecode of new frames
    std::vector<PlacedBytecode> places;
  };

  v8::Isolate* isolate_;
  FrameTable* frames_;
  const Layout* layout_;
  bool* is_placing_;
  v8::Global<v8::Function> place_;
  std::unordered_map<uint64_t, Function> functions_;  // with new frames at literals
  std::vector<uint64_t> unplaced_;                    // of these
  Choices choices_;                                   // open ones
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_FRAME_LITERALS_H_
