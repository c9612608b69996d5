// SPDX-License-Identifier: MIT
// Sparkplug code has no positions of its own: an offset table maps its instructions to bytecodes.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_BASELINE_POSITIONS_H_
#define TRACEMALLOC_LAYOUT_FRAMES_BASELINE_POSITIONS_H_

#include <cstdint>
#include <vector>

namespace tracemalloc {

class BytecodeSizes;
class HeapView;
struct CodeObject;

// The offset of the bytecode whose instructions end at or after `pc`; -1 is the function's entry.
// False if table, bytecode array and address are inconsistent.
bool BaselineBytecodeOffset(const HeapView& heap, const BytecodeSizes& sizes,
                            const CodeObject& code, uintptr_t bytecode_array, uintptr_t pc,
                            int32_t* bytecode_offset);

// The same on plain bytes. `pc_offset` counts from the code's first instruction.
bool MapBaselineOffset(const BytecodeSizes& sizes, const std::vector<uint8_t>& offset_table,
                       const std::vector<uint8_t>& bytecodes, uint32_t pc_offset,
                       int32_t* bytecode_offset);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_BASELINE_POSITIONS_H_
