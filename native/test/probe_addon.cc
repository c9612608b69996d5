// SPDX-License-Identifier: MIT
// Test only, never shipped: the stack walker and the frame resolver as JavaScript functions.
//
//   start()              starts the walker; returns '' or the reason why it can't start
//   start(entry, value)  the same with one entry of the layout row set to another value
//   layout()             JSON: the layout row of this V8 by entry
//   change(entry, value) sets an entry of the running walker's row
//   probe()              records the current stack, by the walker and by V8
//   every(n)             from now on only each n-th call of probe() records; 0: none
//   results()            JSON: compares everything recorded
//   lastStack()          JSON: the last recorded stack as the resolver reports it
//   walkTime(limit)      nanoseconds of one walk of the current stack, from a warm cache
//   clear()              removes everything recorded
//   trace(interval)      starts the allocation hook; returns '' or the reason why it can't start
//   allocating(function) JSON: which of its bytecodes may allocate; '' if it has none
//   blockBreak()         maps a page where the program break would be extended
//   hold(count, size)    mallocs that many blocks, writes to them and keeps them
//   release(distance)    frees all of them except each distance-th
//   traced(kept)         stops the hook; the live samples of kept objects, see TracedObjects::Judge
#include <node.h>
#include <sys/mman.h>
#include <unistd.h>
#include <v8.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "layout/bytecode/allocating_bytecodes.h"
#include "layout/bytecode/function_positions.h"
#include "layout/heap_view.h"
#include "test/recorded_stacks.h"
#include "test/traced_objects.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {
namespace {

using Arguments = v8::FunctionCallbackInfo<v8::Value>;

// One per thread, as there is one isolate per thread.
thread_local std::unique_ptr<RecordedStacks> stacks;
thread_local std::unique_ptr<TracedObjects> objects;
thread_local std::vector<void*> blocks;
thread_local uint32_t distance = 1;
thread_local uint32_t calls_left = 1;

void Answer(const Arguments& info, const std::string& text) {
  v8::Local<v8::String> value;
  if (v8::String::NewFromUtf8(info.GetIsolate(), text.c_str()).ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

const Layout* ThisLayout(std::string* reason) {
  return FindLayout(NODE_MODULE_VERSION, v8::V8::GetVersion(), reason);
}

bool SetEntry(Layout* layout, const char* name, int value) {
  size_t count;
  const LayoutEntry* entries = LayoutEntries(&count);
  for (size_t i = 0; i < count; ++i) {
    if (std::strcmp(entries[i].name, name) != 0) continue;
    layout->*entries[i].member = value;
    return true;
  }
  return false;
}

void Start(const Arguments& info) {
  std::string reason;
  const Layout* known = ThisLayout(&reason);
  if (known == nullptr) return Answer(info, reason);
  Layout layout = *known;
  if (info.Length() == 2) {
    const v8::String::Utf8Value name(info.GetIsolate(), info[0]);
    if (!SetEntry(&layout, *name, info[1].As<v8::Int32>()->Value())) {
      return Answer(info, "the layout has no such entry");
    }
  }
  stacks = std::make_unique<RecordedStacks>(info.GetIsolate());
  const Status status = stacks->Start(layout);
  if (!status.ok()) stacks.reset();
  Answer(info, status.message);
}

void GetLayout(const Arguments& info) {
  std::string reason;
  const Layout* layout = ThisLayout(&reason);
  if (layout == nullptr) return Answer(info, "{}");
  size_t count;
  const LayoutEntry* entries = LayoutEntries(&count);
  std::string list;
  for (size_t i = 0; i < count; ++i) {
    list += (i == 0 ? "\"" : ",\"") + std::string(entries[i].name) +
            "\":" + std::to_string(layout->*entries[i].member);
  }
  Answer(info, "{" + list + "}");
}

void Change(const Arguments& info) {
  const v8::String::Utf8Value name(info.GetIsolate(), info[0]);
  if (stacks) SetEntry(stacks->layout(), *name, info[1].As<v8::Int32>()->Value());
}

void Probe(const Arguments&) {
  // Programs warm up with the same function that records, so that V8 does not deoptimize their code
  // when recording begins.
  if (!stacks || distance == 0 || --calls_left > 0) return;
  calls_left = distance;
  stacks->Record();
}

void Every(const Arguments& info) {
  distance = info[0].As<v8::Uint32>()->Value();
  calls_left = distance;
}

void Results(const Arguments& info) {
  if (stacks) Answer(info, stacks->Results());
}

void LastStack(const Arguments& info) {
  if (stacks) Answer(info, stacks->LastStack());
}

void Trace(const Arguments& info) {
  objects = std::make_unique<TracedObjects>(info.GetIsolate());
  const Status status =
      objects->Start(info[0].As<v8::Number>()->Value(), info[1].As<v8::Function>());
  if (!status.ok()) objects.reset();
  Answer(info, status.message);
}

void Traced(const Arguments& info) {
  if (objects) info.GetReturnValue().Set(objects->Judge(info[0].As<v8::Array>()));
}

void WalkTime(const Arguments& info) {
  if (stacks) {
    info.GetReturnValue().Set(stacks->WalkTime(info[0].As<v8::Uint32>()->Value()));
  }
}

void BlockBreak(const Arguments& info) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t end = (reinterpret_cast<uintptr_t>(sbrk(0)) + page - 1) / page * page;
  void* const at = reinterpret_cast<void*>(end);
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  info.GetReturnValue().Set(mmap(at, page, PROT_NONE, flags, -1, 0) == at);
}

void Hold(const Arguments& info) {
  const size_t size = info[1].As<v8::Uint32>()->Value();
  for (uint32_t i = info[0].As<v8::Uint32>()->Value(); i > 0; --i) {
    blocks.push_back(std::malloc(size));
    std::memset(blocks.back(), 1, size);
  }
}

void Release(const Arguments& info) {
  const size_t kept = info[0].As<v8::Uint32>()->Value();
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (i % kept != 0) std::free(blocks[i]);
  }
}

// Allocates as addons do.
void NewArrayBuffer(const Arguments& info) {
  const size_t bytes = info[0].As<v8::Uint32>()->Value();
  info.GetReturnValue().Set(v8::ArrayBuffer::New(info.GetIsolate(), bytes));
}

// Nanoseconds of one Allocate and Free of the isolate's allocator.
void AllocatorTime(const Arguments& info) {
  v8::ArrayBuffer::Allocator* const allocator = info.GetIsolate()->GetArrayBufferAllocator();
  constexpr size_t kBytes = 64;
  const uint32_t times = info[0].As<v8::Uint32>()->Value();
  const auto begin = std::chrono::steady_clock::now();
  for (uint32_t i = 0; i < times; i++) {
    allocator->Free(allocator->AllocateUninitialized(kBytes), kBytes);
  }
  const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
  info.GetReturnValue().Set(time.count() / times);
}

void Allocating(const Arguments& info) {
  std::string reason;
  const Layout* layout = ThisLayout(&reason);
  if (layout == nullptr) return Answer(info, reason);
  const HeapView heap(layout, Memory::kChecked);
  AllocatingBytecodes places(layout->node_module_version);
  uintptr_t shared;
  if (!heap.Field(TaggedAddressOf(info[0]), layout->function_shared, &shared)) return;
  const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, shared);
  if (!places.Decode(heap, bytecode_array)) return Answer(info, "");
  std::string list;
  for (const AllocatingBytecode& place : places.all()) {
    uintptr_t constant;
    uintptr_t map;
    uint16_t type = 0;
    if (BytecodeConstant(heap, bytecode_array, place.constant, &constant) &&
        HeapView::IsHeapObject(constant) && heap.Field(constant, 0, &map)) {
      heap.Field(map, kMapInstanceType, &type);
    }
    list += (list.empty() ? "[" : ",[") + std::to_string(place.offset) + ",\"" +
            static_cast<char>(place.kind) + "\"," + std::to_string(place.position) + "," +
            std::to_string(place.has_own_entry ? 1 : 0) + "," + std::to_string(type) + "]";
  }
  Answer(info, "[" + list + "]");
}

void Clear(const Arguments&) {
  if (stacks) stacks->Clear();
}

}  // namespace
}  // namespace tracemalloc

NODE_MODULE_INIT() {
  NODE_SET_METHOD(exports, "start", tracemalloc::Start);
  NODE_SET_METHOD(exports, "layout", tracemalloc::GetLayout);
  NODE_SET_METHOD(exports, "change", tracemalloc::Change);
  NODE_SET_METHOD(exports, "probe", tracemalloc::Probe);
  NODE_SET_METHOD(exports, "every", tracemalloc::Every);
  NODE_SET_METHOD(exports, "results", tracemalloc::Results);
  NODE_SET_METHOD(exports, "lastStack", tracemalloc::LastStack);
  NODE_SET_METHOD(exports, "trace", tracemalloc::Trace);
  NODE_SET_METHOD(exports, "allocating", tracemalloc::Allocating);
  NODE_SET_METHOD(exports, "blockBreak", tracemalloc::BlockBreak);
  NODE_SET_METHOD(exports, "hold", tracemalloc::Hold);
  NODE_SET_METHOD(exports, "release", tracemalloc::Release);
  NODE_SET_METHOD(exports, "traced", tracemalloc::Traced);
  NODE_SET_METHOD(exports, "walkTime", tracemalloc::WalkTime);
  NODE_SET_METHOD(exports, "newArrayBuffer", tracemalloc::NewArrayBuffer);
  NODE_SET_METHOD(exports, "allocatorTime", tracemalloc::AllocatorTime);
  NODE_SET_METHOD(exports, "clear", tracemalloc::Clear);
  node::AddEnvironmentCleanupHook(
      v8::Isolate::GetCurrent(),
      [](void*) {
        tracemalloc::stacks.reset();
        tracemalloc::objects.reset();
      },
      nullptr);
}
