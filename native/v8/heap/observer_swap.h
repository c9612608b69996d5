// SPDX-License-Identifier: MIT
// Replaces the functions of V8's sampling allocation observer by our own.
//
// StartSamplingHeapProfiler makes an object (the sampling heap profiler) that embeds an allocation
// observer and registers it with every heap space. We let V8 do that and then point this one
// observer's vtable pointer at a table of ours: V8 goes on calling the observer, but none of its
// bookkeeping runs. Everything is recognized by its contents, not by fixed offsets; if anything
// does not look as expected, Install refuses.
#ifndef TRACEMALLOC_V8_HEAP_OBSERVER_SWAP_H_
#define TRACEMALLOC_V8_HEAP_OBSERVER_SWAP_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/status.h"

namespace tracemalloc {

// Receives the blocks. Called on the isolate's thread; must not allocate on V8's heap.
class BlockListener {
 public:
  virtual ~BlockListener() = default;
  // The block at `address` (untagged), not initialised yet. `bytes_since_last`: allocated in its
  // space since the start of the block reported last.
  virtual void OnBlock(int64_t bytes_since_last, uintptr_t address, size_t size) = 0;
  // How many bytes after the end of that block the next report is due.
  virtual int64_t NextDistance() = 0;
};

class ObserverSwap {
 public:
  ObserverSwap() = default;
  ~ObserverSwap() { Uninstall(); }
  ObserverSwap(const ObserverSwap&) = delete;
  ObserverSwap& operator=(const ObserverSwap&) = delete;

  // kSamplerInUse: V8's sampler already runs, and is not ours. Afterwards every space reports its
  // next block, and then blocks at the distances of the listener.
  Status Install(v8::Isolate* isolate, BlockListener* listener);

  void set_listener(BlockListener* listener) { table_.listener = listener; }

  // False once other code has stopped V8's sampler, and the observer with it.
  bool IsInstalled() const;

  // Stops V8's sampler if it is still ours. Idempotent.
  void Uninstall();

 private:
  // A vtable in the layout of the C++ ABI. The listener follows it, so that the functions find it
  // through the observer on which they are called, without a global, a thread-local or a lock.
  struct Table {
    uintptr_t offset_to_top;
    uintptr_t type_info;
    uintptr_t destroy;
    uintptr_t destroy_and_delete;
    uintptr_t step;
    uintptr_t get_next_step_size;
    BlockListener* listener;
  };

  // Finds the observer by the previous contents of V8's HeapProfiler at `base`, and takes it over.
  Status TakeOver(uintptr_t base, const std::vector<uintptr_t>& before, BlockListener* listener);
  static BlockListener* ListenerOf(void* observer);
  static void Step(void* observer, int bytes_since_last, uintptr_t address, size_t size);
  static int64_t GetNextStepSize(void* observer);

  v8::Isolate* isolate_ = nullptr;
  Table table_{};
  uintptr_t* slot_ = nullptr;      // in V8's HeapProfiler: the pointer to
  uintptr_t profiler_ = 0;         // the SamplingHeapProfiler
  uintptr_t* observer_ = nullptr;  // inside that
  uintptr_t original_vptr_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_OBSERVER_SWAP_H_
