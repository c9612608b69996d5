// SPDX-License-Identifier: MIT
#include "v8/buffers/allocator_swap.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

using Allocate = void* (*)(void* allocator, size_t bytes);
using Free = void (*)(void* allocator, void* block, size_t bytes);
using Destroy = void (*)(void* allocator);

// The layout by the C++ ABI: offset to top and type info, then the functions.
constexpr size_t kVtablePrefix = 2;
constexpr size_t kMaxVtableWords = 32;

// The functions of node's allocators, which all have one class; written once, before any is
// changed.
struct Originals {
  uintptr_t vptr;
  Allocate allocate;
  Allocate allocate_uninitialized;
  Free free;
  Destroy destroy;
  Destroy destroy_and_delete;
};
Originals originals;

}  // namespace

struct AllocatorSwap::Shadow {
  // The first member, followed by the copy of the vtable: our functions find the shadow through the
  // object on which they are called. The mark identifies the vtable as ours.
  const Originals* mark = &originals;
  uintptr_t vtable[kMaxVtableWords];

  std::atomic<pthread_t> owner;
  std::atomic<uint64_t> foreign_allocations;
  BlockRecords records;
  std::mutex mutex;
  // Needs the lock. Null: destroyed, or not in use.
  std::atomic<uintptr_t>* allocator = nullptr;
  // On the owner's thread only.
  uint64_t distance;
  BufferListener* listener;
  Shadow* next_unused;

  uintptr_t our_vptr() const { return reinterpret_cast<uintptr_t>(vtable + kVtablePrefix); }

  // Null: while this thread was entering this function, another one has stopped tracing, and
  // possibly other tracing has begun. Acquires what was written before the allocator got this
  // vtable.
  static Shadow* Of(void* allocator) {
    const uintptr_t vptr =
        static_cast<std::atomic<uintptr_t>*>(allocator)->load(std::memory_order_acquire);
    if (vptr == originals.vptr) return nullptr;
    auto* const shadow = reinterpret_cast<Shadow*>(vptr - (kVtablePrefix + 1) * sizeof(uintptr_t));
    return shadow->mark == &originals ? shadow : nullptr;
  }

  // False: other code changed the object at the same time.
  bool Watch(std::atomic<uintptr_t>* object) {
    const std::lock_guard<std::mutex> lock(mutex);
    uintptr_t before = originals.vptr;
    if (!object->compare_exchange_strong(before, our_vptr())) return false;
    allocator = object;
    return true;
  }

  // Restores the vtable of the object, which lives on or is about to be destroyed, unless this
  // shadow, which the caller found a moment ago, now belongs to another allocator. The lock is held
  // until the object is written: a thread that destroys it waits for that.
  void Restore(void* object) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (object == nullptr || allocator != object) return;
    uintptr_t ours = our_vptr();
    allocator->compare_exchange_strong(ours, originals.vptr);
    allocator = nullptr;
  }

  bool HasSamplePoint(size_t bytes) {
    if (owner.load(std::memory_order_relaxed) != pthread_self()) {
      foreign_allocations.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    if (bytes >= distance) return true;
    distance -= bytes;
    return false;
  }

  void* Sampled(void* data, size_t bytes) {
    if (data != nullptr) listener->OnSampled(data, bytes);
    return data;
  }

  static void* OnAllocate(void* allocator, size_t bytes) {
    Shadow* const shadow = Of(allocator);
    if (shadow == nullptr || !shadow->HasSamplePoint(bytes)) {
      return originals.allocate(allocator, bytes);
    }
    return shadow->Sampled(originals.allocate(allocator, bytes), bytes);
  }

  static void* OnAllocateUninitialized(void* allocator, size_t bytes) {
    Shadow* const shadow = Of(allocator);
    if (shadow == nullptr || !shadow->HasSamplePoint(bytes)) {
      return originals.allocate_uninitialized(allocator, bytes);
    }
    return shadow->Sampled(originals.allocate_uninitialized(allocator, bytes), bytes);
  }

  static void OnFree(void* allocator, void* data, size_t bytes) {
    Shadow* const shadow = Of(allocator);
    if (shadow != nullptr && shadow->records.MayHold(data)) shadow->records.Die(data, bytes);
    originals.free(allocator, data, bytes);
  }

  static void OnDestroy(void* allocator) {
    if (Shadow* const shadow = Of(allocator)) shadow->Restore(allocator);
    originals.destroy(allocator);
  }

  static void OnDestroyAndDelete(void* allocator) {
    if (Shadow* const shadow = Of(allocator)) shadow->Restore(allocator);
    originals.destroy_and_delete(allocator);
  }
};

namespace {

using Shadow = AllocatorSwap::Shadow;

struct Replacement {
  std::vector<const char*> symbols;  // of which the first that node exports is used
  uintptr_t ours;
  uintptr_t* original;
};

Status Refuse(const std::string& why) {
  return Status::Error(StatusCode::kUnsupportedPlatform,
                       "Node's ArrayBuffer allocator does not look as expected: " + why);
}

template <typename Function>
uintptr_t* SlotFor(Function* function) {
  return reinterpret_cast<uintptr_t*>(function);
}

// A copy of the vtable that node exports, with our functions in it.
Status MakeVtable(uintptr_t vptr, uintptr_t (*vtable)[kMaxVtableWords]) {
#define METHOD(name) "_ZN4node24NodeArrayBufferAllocator" name
  void* const table = dlsym(RTLD_DEFAULT, "_ZTVN4node24NodeArrayBufferAllocatorE");
  if (table == nullptr) return Refuse("node does not export its vtable");
  const uintptr_t start = reinterpret_cast<uintptr_t>(table);
  if (vptr != start + kVtablePrefix * sizeof(uintptr_t)) {
    return Refuse(
        "it is another one (--debug-arraybuffer-allocations, an embedder's, or traced "
        "already)");
  }
  // V8's own Reallocate, if it exists, calls the functions below.
  if (dlsym(RTLD_DEFAULT, METHOD("10ReallocateEPvmm")) != nullptr) {
    return Refuse("it has its own Reallocate");
  }
  Dl_info info;
  const ElfW(Sym)* symbol = nullptr;
  if (dladdr1(table, &info, reinterpret_cast<void**>(const_cast<ElfW(Sym)**>(&symbol)),
              RTLD_DL_SYMENT) == 0 ||
      symbol == nullptr || info.dli_saddr != table || symbol->st_size % sizeof(uintptr_t) != 0 ||
      symbol->st_size > sizeof(*vtable) || !SafeRead(start, *vtable, symbol->st_size)) {
    return Refuse("the size of its vtable is unknown");
  }
  uintptr_t* const begin = *vtable + kVtablePrefix;
  uintptr_t* const end = *vtable + symbol->st_size / sizeof(uintptr_t);

  Originals found{};
  found.vptr = vptr;
  const Replacement replacements[] = {
      {{METHOD("8AllocateEm")},
       reinterpret_cast<uintptr_t>(&Shadow::OnAllocate),
       SlotFor(&found.allocate)},
      {{METHOD("21AllocateUninitializedEm")},
       reinterpret_cast<uintptr_t>(&Shadow::OnAllocateUninitialized),
       SlotFor(&found.allocate_uninitialized)},
      {{METHOD("4FreeEPvm")}, reinterpret_cast<uintptr_t>(&Shadow::OnFree), SlotFor(&found.free)},
      {{METHOD("D1Ev"), METHOD("D2Ev")},
       reinterpret_cast<uintptr_t>(&Shadow::OnDestroy),
       SlotFor(&found.destroy)},
      {{METHOD("D0Ev")},
       reinterpret_cast<uintptr_t>(&Shadow::OnDestroyAndDelete),
       SlotFor(&found.destroy_and_delete)},
  };
#undef METHOD
  for (const Replacement& replacement : replacements) {
    void* function = nullptr;
    for (const char* name : replacement.symbols) {
      if (function == nullptr) function = dlsym(RTLD_DEFAULT, name);
    }
    const uintptr_t original = reinterpret_cast<uintptr_t>(function);
    if (original == 0 || std::count(begin, end, original) != 1) {
      return Refuse(std::string("no single slot holds ") + replacement.symbols.front());
    }
    *replacement.original = original;
    *std::find(begin, end, original) = replacement.ours;
  }
  if (originals.vptr == 0) originals = found;
  return Status::Ok();
}

// Also held while the original functions are looked up.
std::mutex shadows_mutex;
Shadow* unused_shadows = nullptr;

Status TakeShadow(uintptr_t vptr, Shadow** shadow) {
  const std::lock_guard<std::mutex> lock(shadows_mutex);
  if (unused_shadows != nullptr && vptr == originals.vptr) {
    *shadow = unused_shadows;
    unused_shadows = unused_shadows->next_unused;
    return Status::Ok();
  }
  uintptr_t vtable[kMaxVtableWords];
  Status status = MakeVtable(vptr, &vtable);
  if (!status.ok()) return status;
  *shadow = new (std::nothrow) Shadow();
  if (*shadow == nullptr) return Status::Error(StatusCode::kOutOfMemory, "no memory for buffers");
  std::copy(std::begin(vtable), std::end(vtable), (*shadow)->vtable);
  return status;
}

void ReturnShadow(Shadow* shadow) {
  const std::lock_guard<std::mutex> lock(shadows_mutex);
  shadow->next_unused = unused_shadows;
  unused_shadows = shadow;
}

}  // namespace

Status AllocatorSwap::Install(v8::Isolate* isolate, BufferListener* listener, uint64_t distance) {
  auto* const object =
      reinterpret_cast<std::atomic<uintptr_t>*>(isolate->GetArrayBufferAllocator());
  if (object == nullptr) return Refuse("there is none");
  Shadow* shadow = nullptr;
  Status status = TakeShadow(object->load(), &shadow);
  if (!status.ok()) return status;
  shadow->listener = listener;
  shadow->distance = distance;
  shadow->owner.store(pthread_self());
  shadow->foreign_allocations.store(0);
  if (!shadow->Watch(object)) {
    ReturnShadow(shadow);
    return Refuse("other code changed it at the same time");
  }
  shadow_ = shadow;
  allocator_ = object;
  return status;
}

void AllocatorSwap::Uninstall() {
  if (shadow_ == nullptr) return;
  shadow_->Restore(allocator_);
  shadow_->listener = nullptr;
  shadow_->distance = UINT64_MAX;
  shadow_->records.Clear();
  ReturnShadow(shadow_);
  shadow_ = nullptr;
}

void AllocatorSwap::set_distance(uint64_t distance) { shadow_->distance = distance; }

BlockRecords* AllocatorSwap::records() const { return &shadow_->records; }

uint64_t AllocatorSwap::foreign_allocations() const {
  return shadow_->foreign_allocations.load(std::memory_order_relaxed);
}

}  // namespace tracemalloc
