// SPDX-License-Identifier: MIT
#include "layout/frames/optimized_frames.h"

#include <algorithm>

#include "layout/heap_view.h"
#include "layout/x64/deferred_code.h"

namespace tracemalloc {
namespace {

constexpr int64_t kInliningPositionSize = 16;  // int64 position, int32 function index, padding
constexpr int kMaxInliningDepth = 256;
constexpr int32_t kMaxInlinings = 1 << 16;

// The inlined function's SharedFunctionInfo; literals may be weak references.
bool LiteralFunction(const HeapView& heap, uintptr_t literals, int32_t index, uintptr_t* shared) {
  int32_t length;
  if (!HeapView::IsHeapObject(literals) || !heap.SmiField(literals, kArrayLength, &length) ||
      index < 0 || index >= length || !heap.Field(literals, kArrayData + index * 8, shared)) {
    return false;
  }
  if ((*shared & 3) == 3) *shared &= ~uintptr_t{2};
  return heap.HasType(*shared, heap.layout().type_shared_function_info);
}

// The bytecode at which the innermost function would go on, -1 if the call does not tell. False if
// the call's deoptimisation data does not name the call.
bool DeoptBytecode(const HeapView& heap, uintptr_t deopt_data, Tier tier,
                   const Safepoint& safepoint, int32_t* bytecode_offset) {
  if (safepoint.deopt_index < 0) return true;
  // Three Smis: bytecode offset, translation, code offset.
  const int64_t index = heap.layout().deopt_first_entry + int64_t{3} * safepoint.deopt_index;
  int32_t length;
  int32_t code_offset;
  if (!heap.SmiField(deopt_data, kArrayLength, &length) || index + 3 > length) return false;
  const int field = static_cast<int>(kArrayData + 8 * index);
  return heap.SmiField(deopt_data, field, bytecode_offset) &&
         heap.SmiField(deopt_data, field + 16, &code_offset) &&
         code_offset == (tier == Tier::kMaglev ? safepoint.exit_offset : safepoint.return_offset);
}

}  // namespace

bool OptimizedFrames::Expand(const HeapView& heap, const CodeObject& code, uintptr_t shared,
                             uintptr_t pc, FunctionPositions* functions,
                             std::vector<OptimizedFrame>* frames) {
  frames->clear();
  if (!Decode(heap, code, shared) || !safepoints_.Decode(heap, code)) return false;
  int32_t offset = static_cast<int32_t>(pc - code.start);
  const Safepoint* safepoint = safepoints_.Find(offset);
  // Thrown-away code: the frame's return address was rewritten to the exit. Calls that differ in
  // nothing share one entry without an address; none of these can be thrown away.
  int32_t bytecode_offset = -1;
  if (safepoint != nullptr) {
    offset = safepoint->return_offset;
    if (!DeoptBytecode(heap, deopt_data_, code.tier, *safepoint, &bytecode_offset)) return false;
  }
  const bool may_allocate = safepoint == nullptr || safepoint->deopt_index < 0;
  // A return address belongs to the call before it.
  const PositionTable::Entry* entry = table_.Find(offset - 1);
  if (entry == nullptr || !ExpandInlined(entry->position, shared, frames)) return false;
  // What looks like a jump may be none: where V8 tells the call's bytecode, it decides.
  if (AgreesWith(heap, bytecode_offset, *frames, functions) != Agreement::kYes) {
    const Origin origin = FindOrigin(heap, code, offset, entry->code_offset, may_allocate);
    if (origin.offset >= 0) {
      frames->clear();
      entry = table_.Find(origin.offset);
      if (entry == nullptr || !ExpandInlined(entry->position, shared, frames)) return false;
    }
    for (OptimizedFrame& frame : *frames) frame.approximate = origin.approximate;
  }
  if (code.tier == Tier::kMaglev) {
    CorrectPeeledLoops(heap, bytecode_offset, functions, frames);
  }
  frames->front().bytecode = bytecode_offset;
  return AgreesWith(heap, bytecode_offset, *frames, functions) != Agreement::kNo;
}

bool OptimizedFrames::Decode(const HeapView& heap, const CodeObject& code, uintptr_t shared) {
  const Layout& layout = heap.layout();
  inlinings_.clear();
  tier_ = code.tier;
  uintptr_t positions;
  uintptr_t literals;
  uintptr_t inlining;
  uintptr_t data;
  int32_t length;
  if (!heap.Field(code.object, layout.code_positions, &positions) ||
      !table_.Decode(heap, positions) ||
      !heap.Field(code.object, layout.code_deopt_data, &deopt_data_) ||
      !HeapView::IsHeapObject(deopt_data_)) {
    return false;
  }
  // Code that could never be thrown away has none, and nothing inlined.
  if (!heap.Field(deopt_data_, kArrayData + layout.deopt_literals * 8, &literals) ||
      !heap.Field(deopt_data_, kArrayData + layout.deopt_inlining_positions * 8, &inlining) ||
      !heap.ByteArray(inlining, layout.type_inlining_positions, &data, &length)) {
    return true;
  }
  for (int32_t at = 0; at + kInliningPositionSize <= length; at += kInliningPositionSize) {
    Inlining inlined;
    int32_t function;
    if (!heap.Load(data + at, &inlined.caller.raw) || !heap.Load(data + at + 8, &function)) {
      return false;
    }
    if (function < 0) {
      inlined.function = shared;
    } else if (!LiteralFunction(heap, literals, function, &inlined.function)) {
      inlined.function = 0;
    }
    inlinings_.push_back(inlined);
  }
  return true;
}

bool OptimizedFrames::ExpandInlined(SourcePosition position, uintptr_t shared,
                                    std::vector<OptimizedFrame>* frames) {
  expanded_ = position;
  while (position.inlining_id() >= 0) {
    const size_t id = static_cast<size_t>(position.inlining_id());
    if (id >= inlinings_.size() || frames->size() > kMaxInliningDepth) return false;
    const Inlining& inlined = inlinings_[id];
    if (inlined.function == 0) return false;
    OptimizedFrame frame;
    frame.shared = inlined.function;
    frame.position = position.script_offset();
    frames->push_back(frame);
    position = inlined.caller;
  }
  OptimizedFrame outermost;
  outermost.shared = shared;
  outermost.position = position.script_offset();
  frames->push_back(outermost);
  return true;
}

bool OptimizedFrames::HasCall(const HeapView& heap, int32_t bytecode_offset) const {
  const auto is_here = [this](SourcePosition position) { return position.raw == expanded_.raw; };
  if (std::any_of(inlinings_.begin(), inlinings_.end(),
                  [&](const Inlining& inlined) { return is_here(inlined.caller); })) {
    return true;
  }
  return std::any_of(
      safepoints_.entries().begin(), safepoints_.entries().end(), [&](const Safepoint& safepoint) {
        int32_t going_on = -1;
        const PositionTable::Entry* entry = table_.Find(safepoint.return_offset - 1);
        return safepoint.deopt_index >= 0 && entry != nullptr && is_here(entry->position) &&
               DeoptBytecode(heap, deopt_data_, tier_, safepoint, &going_on) &&
               going_on == bytecode_offset;
      });
}

// TurboFan gives a `new` whose constructor it inlines late, which are the larger ones, no position:
// its code seems to be at whatever precedes it. But each inlined function is listed with the place
// of its call, and the code that follows on an instance's allocation is its constructor's.
OptimizedFrames::Construction OptimizedFrames::ExpandConstruction(
    const HeapView& heap, const CodeObject& code, uintptr_t shared, uintptr_t pc,
    const std::vector<uintptr_t>& constructors, std::vector<OptimizedFrame>* frames) {
  frames->clear();
  if (constructors.empty() || !Decode(heap, code, shared)) return Construction::kNotHere;
  const uintptr_t base = constructors.back();
  const size_t derived = constructors.size() - 1;
  // The object of a class that extends another one is made in the other's construction, by the
  // former's call of super().
  std::vector<SourcePosition> callers;
  for (const Inlining& inlined : inlinings_) {
    if (inlined.function != base) continue;
    const uintptr_t caller = FunctionAt(inlined.caller, shared);
    const auto end = constructors.begin() + derived;
    if (derived > 0 && std::find(constructors.begin(), end, caller) == end) continue;
    callers.push_back(inlined.caller);
  }
  if (callers.empty()) return Construction::kNotHere;
  SourcePosition found = callers.front();
  const bool is_single = std::all_of(callers.begin(), callers.end(), [&](SourcePosition caller) {
    return caller.raw == found.raw;
  });
  if (!is_single &&
      !ChooseCaller(heap, code, static_cast<int32_t>(pc - code.start), callers, base, &found)) {
    return Construction::kSeveral;
  }
  if (!ExpandInlined(found, shared, frames)) return Construction::kSeveral;
  return is_single ? Construction::kOnlyPlace : Construction::kChosen;
}

uintptr_t OptimizedFrames::FunctionAt(SourcePosition position, uintptr_t shared) const {
  const int32_t id = position.inlining_id();
  if (id < 0) return shared;
  return static_cast<size_t>(id) < inlinings_.size() ? inlinings_[id].function : 0;
}

bool OptimizedFrames::ChooseCaller(const HeapView& heap, const CodeObject& code, int32_t offset,
                                   const std::vector<SourcePosition>& callers,
                                   uintptr_t constructor, SourcePosition* caller) {
  // V8's --max-inlined-bytecode-size-small: what is smaller is inlined where its call is, and the
  // allocation has that position.
  constexpr int32_t kSmall = 27;
  constexpr int32_t kEmpty = 3;  // only returns
  const PositionTable::Entry* own = table_.Find(offset - 1);
  if (own == nullptr) return false;
  const Origin origin = FindOrigin(heap, code, offset, own->code_offset, true);
  if (origin.jump < 0) return false;
  if (origin.offset >= 0) own = table_.Find(origin.offset);
  const auto is_caller = [&](SourcePosition position) {
    return std::any_of(callers.begin(), callers.end(),
                       [&](SourcePosition each) { return each.raw == position.raw; });
  };
  const bool has_own = own != nullptr && !origin.approximate && is_caller(own->position);
  int32_t length;
  const uintptr_t bytecodes = FunctionPositions::BytecodeOf(heap, constructor);
  if (bytecodes == 0 || !heap.SmiField(bytecodes, kArrayLength, &length)) return false;
  *caller = has_own ? own->position : SourcePosition{};
  if (has_own && length <= kEmpty) return true;
  for (const PositionTable::Entry& entry : table_.entries()) {
    if (entry.code_offset <= origin.jump) continue;
    // From the innermost function outwards to one that is the constructor.
    SourcePosition position = entry.position;
    for (int depth = 0; depth < kMaxInliningDepth; ++depth) {
      const int32_t id = position.inlining_id();
      if (id < 0 || static_cast<size_t>(id) >= inlinings_.size()) break;
      const Inlining& inlined = inlinings_[id];
      position = inlined.caller;
      if (inlined.function != constructor || !is_caller(position)) continue;
      const bool agrees = !has_own || own->position.raw == position.raw;
      *caller = position;
      return agrees;
    }
  }
  return has_own && length <= kSmall;
}

// Maglev compiles a loop's first iteration apart from the others and then gives all code of the
// others the position at which the loop jumps back. For a call, the bytecode at which V8 would go
// on after it tells better; for the rest the position is only near.
void OptimizedFrames::CorrectPeeledLoops(const HeapView& heap, int32_t bytecode_offset,
                                         FunctionPositions* functions,
                                         std::vector<OptimizedFrame>* frames) const {
  for (OptimizedFrame& frame : *frames) {
    const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, frame.shared);
    if (!functions->IsLoopEnd(heap, bytecode_array, frame.position)) continue;
    int32_t position;
    frame.approximate = true;
    if (&frame == &frames->front() && bytecode_offset >= 0 &&
        functions->ExactlyAt(heap, bytecode_array, bytecode_offset, &position)) {
      frame.position = position;
      frame.approximate = false;
    }
  }
}

OptimizedFrames::Agreement OptimizedFrames::AgreesWith(const HeapView& heap,
                                                       int32_t bytecode_offset,
                                                       const std::vector<OptimizedFrame>& frames,
                                                       FunctionPositions* functions) {
  const OptimizedFrame& innermost = frames.front();
  const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, innermost.shared);
  int32_t position;
  if (bytecode_offset < 0 ||
      !functions->ExactlyAt(heap, bytecode_array, bytecode_offset, &position)) {
    return Agreement::kUnknown;  // a builtin goes on, or V8 does without a position
  }
  return position == innermost.position ? Agreement::kYes : Agreement::kNo;
}

OptimizedFrames::Origin OptimizedFrames::FindOrigin(const HeapView& heap, const CodeObject& code,
                                                    int32_t offset, int32_t own_entry,
                                                    bool may_allocate) {
  instructions_.resize(code.size);
  if (!heap.Copy(code.start, instructions_.data(), code.size)) return {};
  const uint8_t* instructions = instructions_.data();
  const size_t size = instructions_.size();
  // Before V8 12, TurboFan's inline allocations have no position.
  const bool lacks_position =
      may_allocate && heap.layout().v8_major < 12 && code.tier == Tier::kTurbofan;
  const ForwardJump jump = FindJumpBefore(instructions, size, offset);
  // The position at which an inline allocation's slow path begins is one that is left over from
  // code before it of which nothing was emitted.
  const bool is_slow_path = lacks_position && jump.target == own_entry &&
                            ChecksRoom(instructions, jump.source) &&
                            !JumpsBack(instructions, size, jump.target, offset, 0, jump.target);
  if (jump.target <= own_entry && !is_slow_path) {
    // Another slow path may lie between the call and what has that position.
    return {-1, lacks_position && JumpsBack(instructions, size, own_entry, offset, 0, own_entry),
            jump.source};
  }
  if (!lacks_position) return {jump.source, false, jump.source};
  // What precedes the jump may be the statement before. The first thing done to a new object is to
  // store a field: that has a position. (Not always the map: a class's first is left out where its
  // constructor changes it.) It is this object's if the slow path leads back to between the two.
  constexpr int32_t kFarthest = 256;  // the slow path restores registers
  const int32_t store = FindFieldStore(instructions, size, jump.source);
  if (store < 0) return {jump.source, true, jump.source};
  return {store, !JumpsBack(instructions, size, offset, offset + kFarthest, jump.source + 1, store),
          jump.source};
}

}  // namespace tracemalloc
