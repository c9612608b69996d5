// SPDX-License-Identifier: MIT
// Puts functions of ours before those of Node's ArrayBuffer allocator, of which each isolate has
// one, by pointing that object's vtable pointer at an extended copy of its vtable. Each function of
// the copy is found by comparing with the symbols that node exports; whatever does not look as
// expected refuses.
//
// The allocator is called on many threads: buffers are allocated on the isolate's own, but freed on
// V8's sweepers, and, once transferred, on other isolates' threads, at any time. So what our
// functions touch (a Shadow) is never given back to the system: a thread may be about to read it.
// It is used again for the next allocator, which is harmless, since addresses are unique in a
// process.
#ifndef TRACEMALLOC_V8_BUFFERS_ALLOCATOR_SWAP_H_
#define TRACEMALLOC_V8_BUFFERS_ALLOCATOR_SWAP_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>

#include "core/block_records.h"
#include "core/status.h"

namespace tracemalloc {

// Who is told of the sampled blocks.
class BufferListener {
 public:
  virtual ~BufferListener() = default;
  // A sample point lies in this block, which was just allocated. On the isolate's thread, maybe
  // within V8's allocation of an object: V8 must not be called.
  virtual void OnSampled(const void* block, size_t bytes) = 0;
};

class AllocatorSwap {
 public:
  struct Shadow;

  AllocatorSwap() = default;
  ~AllocatorSwap() { Uninstall(); }
  AllocatorSwap(const AllocatorSwap&) = delete;
  AllocatorSwap& operator=(const AllocatorSwap&) = delete;

  // On the isolate's thread, which the allocations to be sampled are made on. `distance`: bytes to
  // the first sample point. kUnsupportedPlatform: not Node's plain allocator, and why.
  Status Install(v8::Isolate* isolate, BufferListener* listener, uint64_t distance);
  // Idempotent. Forgets all records; the listener is not called any more.
  void Uninstall();
  bool is_installed() const { return shadow_ != nullptr; }

  // The following while installed.

  // Bytes from now to the next sample point. To be drawn anew after every sample.
  void set_distance(uint64_t distance);
  BlockRecords* records() const;
  // Allocations made on other threads; they have no stack that could be walked.
  uint64_t foreign_allocations() const;

 private:
  Shadow* shadow_ = nullptr;
  void* allocator_ = nullptr;  // only to be compared: it may be gone
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_BUFFERS_ALLOCATOR_SWAP_H_
