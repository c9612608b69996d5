// SPDX-License-Identifier: MIT
// From a return address to the compiled code it lies in. Searches backwards from the address for
// the header of V8's instruction stream object, which points to its Code object, which must point
// back.
#ifndef TRACEMALLOC_LAYOUT_FRAMES_CODE_LOOKUP_H_
#define TRACEMALLOC_LAYOUT_FRAMES_CODE_LOOKUP_H_

#include <cstddef>
#include <cstdint>
#include <map>

namespace tracemalloc {

class HeapView;

enum class Tier { kInterpreter, kBaseline, kMaglev, kTurbofan, kOther };
constexpr int kTierCount = 4;  // kOther is code that runs no JavaScript function

const char* TierName(Tier tier);

struct CodeObject {
  uintptr_t object = 0;  // tagged Code
  uintptr_t start = 0;   // first instruction
  uint32_t size = 0;     // bytes of instructions, including deoptimisation exits
  Tier tier = Tier::kOther;
};

class CodeLookup {
 public:
  // `heap` must be in checked mode: the search crosses memory that may not be mapped.
  // nullptr: no code object there.
  const CodeObject* Find(const HeapView& heap, uintptr_t pc);
  // To be called when code may have died or moved.
  void Clear() { known_.clear(); }
  size_t MemoryUsage() const { return known_.size() * (sizeof(CodeObject) + 64); }

 private:
  bool Search(const HeapView& heap, uintptr_t pc, CodeObject* code) const;

  std::map<uintptr_t, CodeObject> known_;  // by first instruction
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_FRAMES_CODE_LOOKUP_H_
