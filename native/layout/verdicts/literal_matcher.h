// SPDX-License-Identifier: MIT
// Finds the literals of a function that can have made an object: a closure refers to its function,
// and an object has its literal's property names before all others. So the object itself shows
// where optimized code made it, whatever position that code has.
#ifndef TRACEMALLOC_LAYOUT_VERDICTS_LITERAL_MATCHER_H_
#define TRACEMALLOC_LAYOUT_VERDICTS_LITERAL_MATCHER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "layout/bytecode/allocating_bytecodes.h"
#include "layout/bytecode/literal_names.h"

namespace tracemalloc {

struct LiteralMatch {
  AllocatingBytecode bytecode;
  // V8 gives an object of a literal exactly the room that its names need, so an object with these
  // names but other room is not of that literal. kAny: a copy or an empty object, which may have
  // any size.
  enum class Size { kOther, kSame, kAny };
  Size size;
};

class LiteralMatcher {
 public:
  explicit LiteralMatcher(int node_module_version);

  // Sets the object, tagged and initialised: a closure, or a plain object that no class made.
  // False: it shows nothing about its literal.
  bool Describe(const HeapView& heap, uintptr_t object, bool is_closure);

  // To be called with all functions before FindIn.
  void Learn(const HeapView& heap, uintptr_t bytecode_array);

  // Appends the bytecodes of the function that can have made it. False if that is not known.
  bool FindIn(const HeapView& heap, uintptr_t bytecode_array, std::vector<LiteralMatch>* matches);

 private:
  enum class Fit { kNo, kNames, kNamesAndSize };
  Fit FitOf(const HeapView& heap, const std::vector<LiteralProperty>& properties) const;
  // The best fit of the literal and the literals of constants in it.
  Fit BestFit(const HeapView& heap, uintptr_t description, int depth);

  AllocatingBytecodes places_;
  ObjectNames names_of_;
  bool is_closure_ = false;
  bool began_empty_ = false;
  uintptr_t function_ = 0;
  std::vector<uintptr_t> names_;
  size_t room_ = 0;                   // for names, in the object itself
  int array_description_;             // instance type
  uintptr_t object_description_ = 0;  // the map of all descriptions, which never moves
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_LITERAL_MATCHER_H_
