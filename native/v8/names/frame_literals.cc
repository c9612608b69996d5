// SPDX-License-Identifier: MIT
#include "v8/names/frame_literals.h"

#include <new>
#include <utility>

#include "core/vector_room.h"
#include "layout/bytecode/function_positions.h"
#include "layout/heap_view.h"

namespace tracemalloc {
namespace {

constexpr size_t kNodeOverhead = 3 * sizeof(void*);  // of a hash map

class Placing {
 public:
  explicit Placing(bool* flag) : flag_(flag) { *flag_ = true; }
  ~Placing() { *flag_ = false; }
  Placing(const Placing&) = delete;
  Placing& operator=(const Placing&) = delete;

 private:
  bool* const flag_;
};

}  // namespace

void FrameLiterals::FirstSight(const FrameKey& key, uintptr_t shared_function_info) {
  const uint64_t function_key = FunctionKey(key);
  Function& function = functions_[function_key];
  if (layout_ != nullptr && function.bytecode.IsEmpty()) {
    const HeapView heap(layout_, Memory::kDirect);
    const uintptr_t bytecode = FunctionPositions::BytecodeOf(heap, shared_function_info);
    if (bytecode != 0) {
      unplaced_.push_back(function_key);
      function.shared = Pin(isolate_, shared_function_info);
      function.bytecode = Pin(isolate_, bytecode);
    }
  }
  function.wanted.push_back(key.bytecode);
}

bool FrameLiterals::TakeUnplaced(uint64_t* function) {
  if (unplaced_.empty()) return false;
  *function = unplaced_.back();
  unplaced_.pop_back();
  return true;
}

bool FrameLiterals::NeedsPlaces(uint64_t function) const {
  const auto known = functions_.find(function);
  return known != functions_.end() && !known->second.bytecode.IsEmpty() &&
         known->second.places.empty();
}

void FrameLiterals::ForgetUnplaced() {
  unplaced_.clear();
  GiveBackRoom(&unplaced_);
}

// Placing runs JavaScript, which may add new frames: no reference into functions_ is held.
void FrameLiterals::Place(ScriptInfo* info, uint64_t function, v8::Local<v8::Value> script) {
  const v8::Local<v8::String> source = info->Source(script);
  const v8::Local<v8::Value> shared = functions_[function].shared.Get(isolate_);
  const v8::Local<v8::Value> bytecode = functions_[function].bytecode.Get(isolate_);
  std::vector<PlacedBytecode> places;
  if (!source.IsEmpty() && !place_.IsEmpty()) {
    LiteralPlacer placer(isolate_, layout_);
    const Placing placing(is_placing_);
    places =
        placer.Place(place_.Get(isolate_), source, shared, bytecode, functions_[function].wanted);
  }
  if (places.empty()) {
    functions_.erase(function);
  } else {
    functions_[function].places = std::move(places);
  }
}

FrameLiterals::Choices FrameLiterals::TakeChoices(ScriptInfo* info,
                                                  const std::vector<FrameId>& frames,
                                                  v8::Local<v8::Value> script) {
  Choices choices;
  for (const FrameId id : frames) {
    const FrameKey key = frames_->at(id).key;
    if (key.bytecode == -1) continue;
    const uint64_t function = FunctionKey(key);
    if (NeedsPlaces(function)) {
      v8::HandleScope handles(isolate_);
      Place(info, function, script);
    }
    const auto known = functions_.find(function);
    choices.emplace(id, known != functions_.end()
                            ? LiteralChoice(key, known->second.places)
                            : LiteralChoice(key, std::vector<PlacedBytecode>()));
  }
  for (const auto& choice : choices) functions_.erase(FunctionKey(frames_->at(choice.first).key));
  return choices;
}

void FrameLiterals::KeepOpen(Choices* choices) {
  for (auto& [id, choice] : *choices) {
    if (choice.is_open()) choices_.emplace(id, std::move(choice));
  }
}

const PlacedFrame* FrameLiterals::Choose(FrameId id, v8::Local<v8::Value> object) const {
  const auto choice = choices_.find(id);
  return choice == choices_.end() ? nullptr : choice->second.Choose(isolate_, layout_, object);
}

void FrameLiterals::Renumber(const Renumbering& ids) noexcept {
  Choices kept;
  try {
    kept.reserve(choices_.size());
    for (auto& [id, choice] : choices_) {
      if (ids.frames[id] != kGone) kept.emplace(ids.frames[id], std::move(choice));
    }
  } catch (const std::bad_alloc&) {
    kept.clear();
  }
  choices_ = std::move(kept);
  GiveBackBuckets(&functions_);
}

void FrameLiterals::Clear() {
  functions_.clear();
  choices_.clear();
  unplaced_.clear();
}

size_t FrameLiterals::MemoryUsage() const {
  size_t bytes = functions_.size() * (sizeof(*functions_.begin()) + kNodeOverhead);
  for (const auto& choice : choices_) {
    bytes += sizeof(choice) + kNodeOverhead + choice.second.MemoryUsage();
  }
  return bytes;
}

}  // namespace tracemalloc
