// SPDX-License-Identifier: MIT
// Puts our functions in front of those of Node's ArrayBuffer allocator, of which each isolate has
// one, by pointing that object's vtable pointer at an extended copy of its vtable. Each function of
// the copy is found by comparing with the symbols that node exports; if anything does not look as
// expected, Install refuses.
//
// The allocator is called on many threads: buffers are allocated on the isolate's own, but freed on
// V8's sweepers and, once transferred, on other isolates' threads, at any time. So the memory that
// our functions touch (a Shadow) is never freed: a thread may be about to read it. It is reused for
// the next allocator, which is harmless, since addresses are unique in a process.
#ifndef TRACEMALLOC_V8_BUFFERS_ALLOCATOR_SWAP_H_
#define TRACEMALLOC_V8_BUFFERS_ALLOCATOR_SWAP_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>

#include "core/block_records.h"
#include "core/status.h"

namespace tracemalloc {

// Receives the sampled blocks.
class BufferListener {
 public:
  virtual ~BufferListener() = default;
  // A sample point lies in this block, which was just allocated. Called on the isolate's thread,
  // possibly within V8's allocation of an object: V8 must not be called.
  virtual void OnSampled(const void* block, size_t bytes) = 0;
};

class AllocatorSwap {
 public:
  struct Shadow;

  AllocatorSwap() = default;
  ~AllocatorSwap() { Uninstall(); }
  AllocatorSwap(const AllocatorSwap&) = delete;
  AllocatorSwap& operator=(const AllocatorSwap&) = delete;

  // To be called on the isolate's thread: only its allocations are sampled. `distance`: bytes to
  // the first sample point. kUnsupportedPlatform: not Node's plain allocator, with the reason.
  Status Install(v8::Isolate* isolate, BufferListener* listener, uint64_t distance);
  // Idempotent. Forgets all records; the listener is no longer called.
  void Uninstall();

  // The following functions may be called only while installed.

  // Bytes from now to the next sample point. To be set again after every sample.
  void set_distance(uint64_t distance);
  BlockRecords* records() const;
  // Allocations on other threads, whose stacks can't be walked.
  uint64_t foreign_allocations() const;

 private:
  Shadow* shadow_ = nullptr;
  void* allocator_ = nullptr;  // only for comparison: it may no longer exist
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_BUFFERS_ALLOCATOR_SWAP_H_
