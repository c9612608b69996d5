// SPDX-License-Identifier: MIT
// Turns frame keys into names, lines and columns. What a frame needs for that (its script's source,
// its function's name) is pinned by v8::Globals when the walker first sees the frame, and turned
// into text only at a snapshot.
#ifndef TRACEMALLOC_V8_NAMES_FRAME_RESOLVER_H_
#define TRACEMALLOC_V8_NAMES_FRAME_RESOLVER_H_

#include <v8.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/reclaim.h"
#include "core/tables.h"
#include "v8/names/script_notes.h"

namespace tracemalloc {

class FrameResolver : public IdHolder {
 public:
  static std::unique_ptr<FrameResolver> Create(v8::Isolate* isolate, Tables* tables);

  // In the hook: malloc only. `shared_function_info` and `script` are tagged addresses.
  virtual void FirstSight(FrameId id, uintptr_t shared_function_info, uintptr_t script) = 0;
  // Also in the hook: a new frame with the function and position of a known one.
  virtual void ResolveLike(FrameId id, FrameId known) = 0;
  // At a safe point: resolves every frame of the table that is not resolved yet.
  virtual void ResolveNew() = 0;
  // Number of scripts whose sources it keeps alive until ResolveNew().
  virtual size_t pinned_scripts() const = 0;
  // Places the literals of one function with new frames, as ResolveNew does for all. False: there
  // is none.
  virtual bool PlaceNext() = 0;
  // Sets the function that finds literals in a function's source: see LiteralPlacer. Without it,
  // frames that need it are approximate.
  virtual void SetPlacer(v8::Local<v8::Function> place) = 0;
  // For a frame that may stand for several literals, and an object made there: finds the frame of
  // the literal that made it. False: the object does not decide. At a safe point; runs no
  // JavaScript.
  virtual bool Refine(FrameId id, v8::Local<v8::Value> object, FrameId* refined) = 0;
  // The scripts that were named.
  virtual ScriptNotes* script_notes() = 0;
  // For a process that is out of heap: files and lines of new frames, without their functions,
  // and without allocating on V8's heap. ResolveNew still finds them new. Needs a handle scope.
  virtual void ResolveNewInPlace() = 0;
  virtual void Clear() = 0;
  virtual size_t MemoryUsage() const = 0;

  // True while our JavaScript looks for literals: its allocations are not sampled.
  bool is_placing() const { return is_placing_; }

 protected:
  bool is_placing_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_FRAME_RESOLVER_H_
