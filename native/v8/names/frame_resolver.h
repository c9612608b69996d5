// SPDX-License-Identifier: MIT
// Turns frame keys into names, lines and columns. What a frame needs for that (its script's source,
// its function's name) is pinned by v8::Globals when the walker first sees it, and turned into text
// only when a snapshot asks.
#ifndef TRACEMALLOC_V8_NAMES_FRAME_RESOLVER_H_
#define TRACEMALLOC_V8_NAMES_FRAME_RESOLVER_H_

#include <v8.h>

#include <cstdint>
#include <memory>

#include "core/reclaim.h"
#include "core/tables.h"

namespace tracemalloc {

class FrameResolver : public IdHolder {
 public:
  static std::unique_ptr<FrameResolver> Create(v8::Isolate* isolate, Tables* tables);

  // In the hook: malloc only. `shared_function_info` and `script` are tagged addresses.
  virtual void FirstSight(FrameId id, uintptr_t shared_function_info, uintptr_t script) = 0;
  // In the hook, too: a new frame with the function and position of a known one.
  virtual void ResolveLike(FrameId id, FrameId known) = 0;
  // At a safe point: resolves every frame of the table that is not resolved yet.
  virtual void ResolveNew() = 0;
  // Scripts whose sources it keeps alive, until ResolveNew().
  virtual size_t pinned_scripts() const = 0;
  // The literals of one more function with new frames: what ResolveNew would do for all of them.
  // False: there is none.
  virtual bool PlaceNext() = 0;
  // Finds literals in a function's source: see LiteralPlacer. Without it their frames that need it
  // are approximate.
  virtual void SetPlacer(v8::Local<v8::Function> place) = 0;
  // A frame that may stand for several literals, and an object made there: the frame of that one.
  // False: the object does not tell. At a safe point, runs no JavaScript.
  virtual bool Refine(FrameId id, v8::Local<v8::Value> object, FrameId* refined) = 0;
  // For a process that is out of heap: files and lines of new frames, without their functions,
  // and without allocating on V8's heap. ResolveNew still finds them new. Needs a handle scope.
  virtual void ResolveNewInPlace() = 0;
  virtual void Clear() = 0;
  virtual size_t MemoryUsage() const = 0;

  // While JavaScript of ours looks for literals: what it allocates is nobody's to know.
  bool is_placing() const { return is_placing_; }

 protected:
  bool is_placing_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_FRAME_RESOLVER_H_
