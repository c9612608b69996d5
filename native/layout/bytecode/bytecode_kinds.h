// SPDX-License-Identifier: MIT
// What each bytecode itself allocates, per V8 version: which bytecodes of a function can have made
// an object, and of which kind.
#ifndef TRACEMALLOC_LAYOUT_BYTECODE_BYTECODE_KINDS_H_
#define TRACEMALLOC_LAYOUT_BYTECODE_BYTECODE_KINDS_H_

#include <cstdint>

namespace tracemalloc {

// The values are the letters of the table, which scripts/bytecode-sizes.mjs prints.
enum class BytecodeKind : char {
  kNothing = '-',
  kAnything = '*',  // calls, `new`, iteration
  kProperty = 'l',  // a number, or a backing store of properties or elements; accessors are calls
  kElement = 'e',   // the same, for stores by a computed name or index
  kObjectLiteral = 'o',
  kEmptyObject = 'p',  // {}
  kObjectClone = 'q',  // {...first}
  kArrayLiteral = 'a',
  kEmptyArray = 'd',       // []
  kIterableArray = 'i',    // [...first]
  kRestParameter = 'r',    // an array
  kRegExp = 'x',           // a literal
  kTemplateObject = 't',   // of a tagged template: arrays of its texts
  kClosure = 'f',          // functions, also of classes and methods
  kBlockContext = 'b',     // variables of a block that a closure uses
  kOtherContext = 'h',     // of `catch` and `with`
  kFunctionContext = 'c',  // a function's own variables
  kArguments = 'g',        // the `arguments` object
  kString = 's',           // ToString, in templates
  kAdd = '+',              // a string, a number or a BigInt
  kNumeric = 'n',          // a number or a BigInt; for comparisons a flat string
  kVariable = 'v',         // a number, or the cell of one
  kClass = 'k',            // CallRuntime that makes a class: prototype, properties
};

class BytecodeKinds {
 public:
  explicit BytecodeKinds(int node_module_version);

  // The kind of a bytecode without its prefix; kAnything if it is unknown. Never kClass.
  BytecodeKind Of(uint8_t bytecode) const;
  bool IsCallRuntime(uint8_t bytecode) const { return bytecode == call_runtime_; }
  // The runtime function that makes classes.
  int define_class() const { return define_class_; }

 private:
  const char* letters_ = "";
  int count_ = 0;
  int call_runtime_ = -1;
  int define_class_ = -1;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BYTECODE_BYTECODE_KINDS_H_
