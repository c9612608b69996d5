// SPDX-License-Identifier: MIT
// Walks the JavaScript stack of the current thread without changing V8's heap: no allocation there,
// no handle, no lock, no string. May be called where V8 must not be re-entered (an allocation
// observer's Step, an ArrayBuffer allocator's Allocate).
#ifndef TRACEMALLOC_V8_WALKER_STACK_WALKER_H_
#define TRACEMALLOC_V8_WALKER_STACK_WALKER_H_

#include <v8.h>

#include <cstdint>
#include <memory>

#include "core/frame.h"
#include "core/reclaim.h"
#include "core/status.h"
#include "layout/frames/code_place.h"
#include "layout/verdicts/place_judge.h"
#include "layout/verdicts/verdict.h"
#include "v8/engine.h"

namespace tracemalloc {

class FrameResolver;
struct Layout;

// The result of a walk: frames innermost first, including inlined ones.
struct WalkedStack {
  uint32_t count = 0;  // frames written; 0: no JavaScript on the stack
  uint32_t total = 0;  // frames of the whole stack; 0: unknown
  AllocatingCode code;
};

// What the object shows about the frames that were read at its allocation.
struct PlaceVerdict {
  Verdict verdict = Verdict::kAsTold;
  // If corrected or certain, the frames that replace those of the code, innermost first, or none;
  // valid until the next call.
  const FrameId* frames = nullptr;
  uint32_t count = 0;
};

class StackWalker : public IdHolder {
 public:
  // Runs the start gate (known V8, constants cross-checked, self-test against CurrentStackTrace,
  // for each tier once in a process). kUnsupportedPlatform with the reason if lines can't be had.
  // Both pointers outlive the walker.
  static Status Create(v8::Isolate* isolate, FrameTable* frames, FrameResolver* resolver,
                       std::unique_ptr<StackWalker>* walker);
  // The same with the caller's row of the layout table: tests use it to show that the gate rejects
  // wrong numbers.
  static Status CreateWithLayout(v8::Isolate* isolate, const Layout* layout, FrameTable* frames,
                                 FrameResolver* resolver, std::unique_ptr<StackWalker>* walker);

  // Writes at most `limit` frames.
  virtual WalkedStack Walk(FrameId* out, uint32_t limit) = 0;

  // Checks the frames by the allocated object, since the positions that machine code has for its
  // own allocations are vague. To be called once the object is initialised, and before the next
  // collection moves it.
  virtual PlaceVerdict Judge(const AllocatingCode& code, const JudgedObject& object) = 0;

  // The frame table was cleared: cached FrameIds are void.
  virtual void Clear() = 0;
  // Code may have moved or died: call in every GC epilogue (or prologue) of kind mark-compact.
  virtual void CodeMayHaveMoved() = 0;
  // Appends the counters of losses, and why tiers are switched off.
  virtual void Report(EngineReport* report) const = 0;
  virtual size_t MemoryUsage() const = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_STACK_WALKER_H_
