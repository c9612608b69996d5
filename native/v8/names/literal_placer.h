// SPDX-License-Identifier: MIT
// Finds the literals of a function in its source: what its bytecodes show of them (their order, the
// names of an object's properties, the number of an array's elements, the position of a closure's
// function) is passed to JavaScript, which has a parser. At a safe point only; nothing is kept.
#ifndef TRACEMALLOC_V8_NAMES_LITERAL_PLACER_H_
#define TRACEMALLOC_V8_NAMES_LITERAL_PLACER_H_

#include <v8.h>

#include <cstdint>
#include <string>
#include <vector>

#include "layout/bytecode/allocating_bytecodes.h"
#include "layout/bytecode/function_range.h"
#include "layout/heap_view.h"

namespace tracemalloc {

// One object that a bytecode makes. A literal of constants makes those inside it, too.
struct PlacedObject {
  char kind = 0;  // 'o' object, 'a' array, 'x' regular expression, 'f' closure, 0 anything else
  int32_t position = -1;
  int32_t function_id = -1;        // of a closure's function, within the script
  std::vector<std::string> names;  // an object's first properties
  // Of an array; for how many properties an object has room in itself; -1: not known.
  int32_t length = -1;
};

struct PlacedBytecode {
  AllocatingBytecode bytecode;
  std::vector<PlacedObject> objects;  // the outermost first; empty: not known
  bool is_exact = false;              // all of them are at the same line and column
};

class LiteralPlacer {
 public:
  LiteralPlacer(v8::Isolate* isolate, const Layout* layout)
      : isolate_(isolate),
        heap_(layout, Memory::kChecked),
        bytecodes_(layout->node_module_version) {}

  // `place` is that of src/literals/place.ts. Returns every bytecode of the function that may
  // allocate, with the objects of those `wanted` (FrameKey::bytecode); empty if the function can't
  // be read. The source is read only if one of them needs it.
  std::vector<PlacedBytecode> Place(v8::Local<v8::Function> place, v8::Local<v8::String> source,
                                    v8::Local<v8::Value> shared,
                                    v8::Local<v8::Value> bytecode_array,
                                    const std::vector<int32_t>& wanted);

 private:
  bool NeedsSource(const std::vector<int32_t>& wanted) const;
  v8::Local<v8::Array> Row(const AllocatingBytecode& bytecode, uintptr_t bytecode_array,
                           PlacedBytecode* placed);
  v8::Local<v8::Value> Detail(const AllocatingBytecode& bytecode, uintptr_t constant,
                              PlacedBytecode* placed);
  v8::Local<v8::Array> PropertyNames(uintptr_t description);
  void Read(v8::Local<v8::Value> answer, std::vector<PlacedBytecode>* placed);

  v8::Isolate* isolate_;
  HeapView heap_;
  AllocatingBytecodes bytecodes_;
  FunctionRanges ranges_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_LITERAL_PLACER_H_
