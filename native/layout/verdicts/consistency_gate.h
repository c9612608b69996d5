// SPDX-License-Identifier: MIT
// Checks whether the position reported for an object's allocation is possible: the bytecode there
// must be one that can make an object of that kind. native/README.md describes what it can detect
// and what not.
#ifndef TRACEMALLOC_LAYOUT_VERDICTS_CONSISTENCY_GATE_H_
#define TRACEMALLOC_LAYOUT_VERDICTS_CONSISTENCY_GATE_H_

#include <cstdint>
#include <vector>

#include "layout/bytecode/allocating_bytecodes.h"

namespace tracemalloc {

class HeapView;

class ConsistencyGate {
 public:
  // Kinds of objects that few bytecodes make. Any other object may come from anywhere.
  enum class ObjectKind {
    kOther,
    kPlainObject,
    kInstance,  // of a class of the program: FindConstructors found one
    kDerived,   // of a class that extends Object, or by Object.create()
    kArray,
    kFunction,
    kContext,
    kRegExp,
    kElements,  // the backing store of an array's elements
  };

  // The maker of an object that was allocated while a bytecode ran.
  enum class Maker {
    kItself,
    kWhatItCalls,  // a function that the bytecode may call, which may allocate anything
    kAnother,
  };

  explicit ConsistencyGate(int node_module_version);

  // `object` is initialised, and tagged. Never kInstance or kDerived, but kPlainObject.
  ObjectKind KindOf(const HeapView& heap, uintptr_t object) const;

  enum class Possibility {
    kNo,
    kByCall,  // only as the result of a call that was inlined
    kYes,     // or not known
  };
  // Whether optimized code may itself have made such an object at this position of the function.
  Possibility CanMake(const HeapView& heap, uintptr_t shared, int32_t position, ObjectKind kind);
  Maker MakerAt(const HeapView& heap, uintptr_t bytecode_array, int32_t offset, ObjectKind kind);

  // Whether a bytecode other than a call makes such objects. True if the function can't be read.
  bool HasMaker(const HeapView& heap, uintptr_t shared, ObjectKind kind);

  // Appends the positions at which the function can make such an object. False if one of its
  // bytecodes may make anything, or if they can't be determined.
  bool FindMakers(const HeapView& heap, uintptr_t shared, ObjectKind kind,
                  std::vector<int32_t>* positions);

 private:
  AllocatingBytecodes places_;
  // Instance types; -1: not exported by this V8.
  int object_;
  int array_;
  int regexp_;
  int elements_;
  int double_elements_;
  int first_function_;
  int last_function_;
  int first_context_;
  int last_context_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_CONSISTENCY_GATE_H_
