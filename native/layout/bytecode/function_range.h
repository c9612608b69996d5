// SPDX-License-Identifier: MIT
// The range of a function's text in its script, from fields whose offsets V8 exports.
#ifndef TRACEMALLOC_LAYOUT_BYTECODE_FUNCTION_RANGE_H_
#define TRACEMALLOC_LAYOUT_BYTECODE_FUNCTION_RANGE_H_

#include <cstdint>

namespace tracemalloc {

class HeapView;

// UTF-16 units from the script's begin.
struct FunctionRange {
  int32_t begin =
      -1;            // as Function.prototype.toString has it: `async`, `function`, a method's name
  int32_t end = -1;  // after the last character
};

class FunctionRanges {
 public:
  FunctionRanges();
  // False: this V8 does not export what is needed.
  bool Of(const HeapView& heap, uintptr_t shared, FunctionRange* range) const;
  // Where a block's scope begins; false before V8 13.
  bool OfScope(const HeapView& heap, uintptr_t scope, int32_t* begin) const;
  // Where a function's scope begins and ends: from its parameters to its last character.
  bool OfFunctionScope(const HeapView& heap, uintptr_t scope, FunctionRange* range) const {
    return first_variable_ >= 0 && variable_count_ >= 0 &&
           OfScope(heap, scope, &range->begin, &range->end);
  }

 private:
  bool OfScope(const HeapView& heap, uintptr_t scope, int32_t* begin, int32_t* end) const;
  bool OfUncompiled(const HeapView& heap, uintptr_t shared, int32_t* begin, int32_t* end) const;

  int scope_type_;
  int uncompiled_types_[4];
  int shared_scope_;  // offsets
  int shared_token_;
  int uncompiled_begin_;
  int uncompiled_end_;
  int first_variable_;  // words of a ScopeInfo before its variables
  int variable_count_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BYTECODE_FUNCTION_RANGE_H_
