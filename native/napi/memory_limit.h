// SPDX-License-Identifier: MIT
// Reports before the kernel ends the process for its memory. The process has one watch; each thread
// that listens to knocks learns that a mark was passed, and writes its own report.
#ifndef TRACEMALLOC_NAPI_MEMORY_LIMIT_H_
#define TRACEMALLOC_NAPI_MEMORY_LIMIT_H_

#include <napi.h>

namespace tracemalloc {

// See src/addon/binding.ts.
Napi::Value ListenToMemoryMarks(const Napi::CallbackInfo& info);
Napi::Value IgnoreMemoryMarks(const Napi::CallbackInfo& info);
Napi::Value WatchMemoryLimit(const Napi::CallbackInfo& info);
Napi::Value GetMemoryMark(const Napi::CallbackInfo& info);
Napi::Value BeginMemoryReport(const Napi::CallbackInfo& info);
Napi::Value EndMemoryReport(const Napi::CallbackInfo& info);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_MEMORY_LIMIT_H_
