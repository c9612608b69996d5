// SPDX-License-Identifier: MIT
// What the addon tells of the whole process, tracing or not: the memory ledger's native half, and
// how names are kept.
#ifndef TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_
#define TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_

#include <napi.h>

namespace tracemalloc {

// What this thread's V8 was told of, array buffers and all.
Napi::Value GetExternalMemory(const Napi::CallbackInfo& info);
Napi::Value GetMallocFigures(const Napi::CallbackInfo& info);
Napi::Value GetHeapSizes(const Napi::CallbackInfo& info);
// An external, to be given to the next; undefined where there is no /proc.
Napi::Value GetMappings(const Napi::CallbackInfo& info);
Napi::Value GetResidentMemory(const Napi::CallbackInfo& info);
// replaceProcess({ arguments, environment }): lists of strings.
Napi::Value ReplaceProcess(const Napi::CallbackInfo& info);
// See core/script_name.h.
Napi::Value GetScriptName(const Napi::CallbackInfo& info);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_
