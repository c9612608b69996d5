// SPDX-License-Identifier: MIT
// Finds the literals of a function that can have made an object: a closure refers to its function,
// a regular expression to its source, and an object has its literal's property names before all
// others. So the object itself shows where optimized code made it, whatever position that code has.
#ifndef TRACEMALLOC_LAYOUT_VERDICTS_LITERAL_MATCHER_H_
#define TRACEMALLOC_LAYOUT_VERDICTS_LITERAL_MATCHER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "layout/bytecode/allocating_bytecodes.h"
#include "layout/bytecode/literal_names.h"
#include "layout/verdicts/consistency_gate.h"

namespace tracemalloc {

struct LiteralMatch {
  AllocatingBytecode bytecode;
  // V8 gives an object of a literal exactly the room that its properties need, so an object with
  // these names but other room is not of that literal. kAny: a copy or an empty object, which may
  // have any size.
  enum class Size { kOther, kSame, kAny };
  Size size;
};

class LiteralMatcher {
 public:
  explicit LiteralMatcher(int node_module_version);

  using ObjectKind = ConsistencyGate::ObjectKind;

  // The constant of its literal that the object refers to: a closure's function, or the source of a
  // regular expression. False: objects of this kind refer to none.
  bool ConstantOf(const HeapView& heap, uintptr_t object, ObjectKind kind,
                  uintptr_t* constant) const;

  // Whether its prototype shows that a plain object, made by no class, is from no literal.
  bool IsDerived(const HeapView& heap, uintptr_t object) const {
    return names_of_.BeganDerived(heap, object);
  }

  // Sets the object, tagged and initialised. False: it shows nothing about its literal; only
  // closures, regular expressions and plain objects that no class made do.
  bool Describe(const HeapView& heap, uintptr_t object, ObjectKind kind);

  // Whether the described object may be of `new Object()`, or of anything else that begins empty.
  bool MayHaveBegunEmpty() const { return !is_constant() && began_empty_; }

  // To be called with all functions before FindIn.
  void Learn(const HeapView& heap, uintptr_t bytecode_array);

  // Appends the bytecodes of the function that can have made it. False if that is not known.
  bool FindIn(const HeapView& heap, uintptr_t bytecode_array, std::vector<LiteralMatch>* matches);

 private:
  bool is_constant() const { return maker_ != BytecodeKind::kNothing; }

  enum class Fit { kNo, kNames, kNamesAndSize };
  Fit FitOf(const HeapView& heap, uintptr_t description,
            const std::vector<LiteralProperty>& properties) const;
  // The best fit of the literal and the literals of constants in it.
  Fit BestFit(const HeapView& heap, uintptr_t description, int depth);

  AllocatingBytecodes places_;
  PropertyNames names_of_;
  // The literals whose constant the object refers to. kNothing: the object has names instead.
  BytecodeKind maker_ = BytecodeKind::kNothing;
  uintptr_t constant_ = 0;
  bool began_empty_ = false;
  std::vector<uintptr_t> names_;
  size_t room_ = 0;                   // for names, in the object itself
  int array_description_;             // instance type
  int regexp_source_;                 // offset; -1: not exported by this V8
  uintptr_t object_description_ = 0;  // the map of all descriptions, which never moves
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_LITERAL_MATCHER_H_
