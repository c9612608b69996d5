// SPDX-License-Identifier: MIT
// Which literals of a function can have made an object: a closure knows its function, and an object
// has its literal's names before all others. So the object itself tells where optimized code made
// it, whatever position that code has.
#ifndef TRACEMALLOC_LAYOUT_LITERAL_MATCHER_H_
#define TRACEMALLOC_LAYOUT_LITERAL_MATCHER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "layout/allocating_bytecodes.h"
#include "layout/literal_names.h"

namespace tracemalloc {

struct LiteralMatch {
  AllocatingBytecode bytecode;
  // V8 gives an object of a literal as much room as its names need, and no other object has that
  // literal's names in less or more. kAny: a copy's may be anything.
  enum class Size { kOther, kSame, kAny };
  Size size;
};

class LiteralMatcher {
 public:
  explicit LiteralMatcher(int node_module_version);

  // The object that is asked about, tagged, initialised: a closure, or a plain object that no class
  // made. False: it shows nothing of its literal.
  bool Describe(const HeapView& heap, uintptr_t object, bool is_closure);

  // To be called with all functions before FindIn is.
  void Learn(const HeapView& heap, uintptr_t bytecode_array);

  // Appends the bytecodes of the function that can have made it. False if that can't be told.
  bool FindIn(const HeapView& heap, uintptr_t bytecode_array, std::vector<LiteralMatch>* matches);

 private:
  enum class Fit { kNo, kNames, kNamesAndSize };
  Fit FitOf(const HeapView& heap, const std::vector<LiteralProperty>& properties) const;
  // The best of the literal and the constant ones in it.
  Fit BestFit(const HeapView& heap, uintptr_t description, int depth);

  AllocatingBytecodes places_;
  ObjectNames names_of_;
  bool is_closure_ = false;
  bool began_empty_ = false;
  uintptr_t function_ = 0;
  std::vector<uintptr_t> names_;
  size_t room_ = 0;                   // for names, in the object itself
  int array_description_;             // instance type
  uintptr_t object_description_ = 0;  // the map of all of them, which never moves
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_LITERAL_MATCHER_H_
