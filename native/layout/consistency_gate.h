// SPDX-License-Identifier: MIT
// Whether what was told of an object's allocation is possible: the bytecode at the told position
// must be one that can make an object of that kind. What it catches, and what it can't, stands in
// native/README.md.
#ifndef TRACEMALLOC_LAYOUT_CONSISTENCY_GATE_H_
#define TRACEMALLOC_LAYOUT_CONSISTENCY_GATE_H_

#include <cstdint>
#include <vector>

#include "layout/allocating_bytecodes.h"

namespace tracemalloc {

class HeapView;

class ConsistencyGate {
 public:
  // Kinds of objects that few bytecodes make. What is anything else may come from anywhere.
  enum class ObjectKind {
    kOther,
    kPlainObject,
    kInstance,  // of a class of the program's: FindConstructors finds one
    kArray,
    kFunction,
    kContext,
    kElements,  // what an array keeps its elements in
  };

  // What made an object while a bytecode ran.
  enum class Maker {
    kItself,
    kWhatItCalls,  // perhaps: that may make anything
    kAnother,
  };

  explicit ConsistencyGate(int node_module_version);

  // `object` is initialised, and tagged.
  ObjectKind KindOf(const HeapView& heap, uintptr_t object) const;

  // What a function says of a position of its own: whether optimized code may have made such an
  // object there by itself. True if the function can't be read.
  bool CanMake(const HeapView& heap, uintptr_t shared, int32_t position, ObjectKind kind);
  Maker MakerAt(const HeapView& heap, uintptr_t bytecode_array, int32_t offset, ObjectKind kind);

  // Where the function can make such an object: the positions told there, appended. False if
  // anything may be made somewhere in it, or if that is not known.
  bool FindMakers(const HeapView& heap, uintptr_t shared, ObjectKind kind,
                  std::vector<int32_t>* positions);

 private:
  AllocatingBytecodes places_;
  // Instance types; -1: not told by this V8.
  int object_;
  int array_;
  int elements_;
  int double_elements_;
  int first_function_;
  int last_function_;
  int first_context_;
  int last_context_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_CONSISTENCY_GATE_H_
