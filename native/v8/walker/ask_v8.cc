// SPDX-License-Identifier: MIT
#include "v8/walker/ask_v8.h"

#include <v8-internal.h>

#include <cstddef>
#include <cstdint>

namespace tracemalloc {
namespace {

MemoryRange RangeOf(const void* begin, size_t size) {
  return {reinterpret_cast<uintptr_t>(begin), size};
}

}  // namespace

V8Facts AskV8(v8::Isolate* isolate) {
  using v8::internal::Internals;
  V8Facts facts;
  facts.isolate = reinterpret_cast<uintptr_t>(isolate);
  const void* builtins = nullptr;
  size_t size = 0;
  isolate->GetEmbeddedCodeRange(&builtins, &size);
  facts.builtins = RangeOf(builtins, size);
  void* code = nullptr;
  isolate->GetCodeRange(&code, &size);
  facts.code_range = RangeOf(code, size);
  const v8::JSEntryStubs stubs = isolate->GetJSEntryStubs();
  const v8::MemoryRange& entry = stubs.js_entry_stub.code;
  facts.entry_stub = RangeOf(entry.start, entry.length_in_bytes);
  facts.object_type = Internals::kJSObjectType;
  facts.last_api_object_type = Internals::kLastJSApiObjectType;
  return facts;
}

}  // namespace tracemalloc
