// SPDX-License-Identifier: MIT
#include "layout/frames/interpreted_offset.h"

#include "layout/bytecode/bytecode_sizes.h"
#include "layout/frames/code_space.h"

namespace tracemalloc {
namespace {

constexpr int kMaxStubSlots = 64;
constexpr int kLongestBytecode = 32;

class Bytecodes {
 public:
  Bytecodes(const HeapView& heap, const CodeSpace& code_space, uintptr_t array, int32_t length)
      : heap_(heap), code_space_(code_space), array_(array), length_(length) {}

  bool Byte(int32_t offset, uint8_t* to) const {
    return offset >= 0 && offset < length_ &&
           heap_.Load(array_ - 1 + heap_.layout().bytecode_data + offset, to);
  }
  // The start of the bytecode at `offset` if `handler` runs it, else -1. Wide bytecodes are
  // dispatched twice: while the wide handler runs, its offset points behind the prefix; the offset
  // that it saves points at the prefix.
  int32_t StartOf(int32_t offset, uintptr_t handler) const {
    uint8_t bytecode;
    if (!Byte(offset, &bytecode)) return -1;
    if (code_space_.HandlerOf(bytecode, 0) == handler) return offset;
    if (IsWideHandledBy(offset, handler)) return offset;
    return IsWideHandledBy(offset - 1, handler) ? offset - 1 : -1;
  }

 private:
  bool IsWideHandledBy(int32_t offset, uintptr_t handler) const {
    uint8_t prefix;
    uint8_t bytecode;
    return Byte(offset, &prefix) && prefix < BytecodeSizes::kPrefixCount &&
           Byte(offset + 1, &bytecode) &&
           code_space_.HandlerOf(bytecode, prefix % 2 == 0 ? 1 : 2) == handler;
  }

  const HeapView& heap_;
  const CodeSpace& code_space_;
  uintptr_t array_;
  int32_t length_;
};

}  // namespace

BytecodeOffset InterpretedOffsets::InHandler(const HeapView& heap, const CodeSpace& code_space,
                                             const BytecodeSizes& sizes, const PhysicalFrame& frame,
                                             uintptr_t bytecode_array, int32_t length,
                                             BytecodeOffset saved) {
  const int32_t bias = heap.layout().bytecode_data - 1;
  const uintptr_t handler = code_space.HandlerAt(code_space.NormalizedBuiltin(frame.stub_pc));
  if (handler == 0) return saved;

  const Bytecodes bytecodes(heap, code_space, bytecode_array, length);
  const uintptr_t stub_fp = frame.callee_fp;
  uintptr_t slot = frame.stub_callee_fp + 16;
  constexpr uintptr_t kLargestStub = kMaxStubSlots * sizeof(uintptr_t);
  if (stub_fp - slot > kLargestStub) slot = stub_fp - kLargestStub;
  const int32_t saved_offset = saved.is_known ? bytecodes.StartOf(saved.value, handler) : -1;
  Slots found{0, 0, saved_offset >= 0};
  int32_t current[kMaxStubSlots];
  int32_t previous[kMaxStubSlots];
  for (; slot < stub_fp + kFrameMarker; slot += 8) {
    uintptr_t value;
    if (!heap.Load(slot, &value)) return {};
    if (value < static_cast<uintptr_t>(bias) ||
        value > static_cast<uintptr_t>(bias) + static_cast<uintptr_t>(length)) {
      continue;
    }
    const int32_t offset = static_cast<int32_t>(value) - bias;
    const uintptr_t n = (stub_fp - slot) / 8 - 1;
    const int32_t start = bytecodes.StartOf(offset, handler);
    if (start >= 0) {
      found.current |= uint64_t{1} << n;
      current[n] = start;
    }
    for (int32_t back = 1; back < kLongestBytecode && back <= offset; ++back) {
      uint8_t bytes[kLongestBytecode];
      if (bytecodes.StartOf(offset - back, handler) != offset - back ||
          !heap.Copy(bytecode_array - 1 + heap.layout().bytecode_data + offset - back, bytes,
                     back) ||
          sizes.SizeAt(bytes, back) != back) {
        continue;
      }
      found.next |= uint64_t{1} << n;
      previous[n] = offset - back;
      break;
    }
  }
  Slots& always =
      slots_.try_emplace(frame.stub_pc, Slots{~uint64_t{0}, ~uint64_t{0}, true}).first->second;
  if (((always.current & found.current) | (always.next & found.next)) != 0 ||
      (always.saved && found.saved)) {
    found.current = always.current &= found.current;
    found.next = always.next &= found.next;
    found.saved = always.saved = always.saved && found.saved;
  }
  // If two successive bytecodes are of the same kind, such as the two Adds of a + (b + c), a slot
  // can be read as the current offset of one or the next offset of the other: the handlers of such
  // bytecodes spill the offset they were entered with. (Handlers that spill the next offset create
  // literals, and a literal is stored before the next is created.)
  found.next &= ~found.current;
  // If several possibilities give different offsets, the offset is not known.
  BytecodeOffset result{saved_offset, found.saved};
  for (int kind = 0; kind < 2; kind++) {
    const int32_t* offsets = kind == 0 ? current : previous;
    for (uint64_t bits = kind == 0 ? found.current : found.next; bits != 0; bits &= bits - 1) {
      const int32_t offset = offsets[__builtin_ctzll(bits)];
      if (result.is_known && offset != result.value) return {};
      result = {offset, true};
    }
  }
  return result;
}

}  // namespace tracemalloc
