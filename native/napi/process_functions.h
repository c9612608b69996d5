// SPDX-License-Identifier: MIT
// Functions about the whole process, tracing or not: the memory ledger's native half, the
// replacement of the process, and the form in which names are kept.
#ifndef TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_
#define TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_

#include <napi.h>

namespace tracemalloc {

// The external memory that was reported to this thread's V8, including array buffers.
Napi::Value GetExternalMemory(const Napi::CallbackInfo& info);
Napi::Value GetMallocFigures(const Napi::CallbackInfo& info);
Napi::Value GetHeapSizes(const Napi::CallbackInfo& info);
// An external, the argument for GetResidentMemory; undefined where there is no /proc.
Napi::Value GetMappings(const Napi::CallbackInfo& info);
Napi::Value GetResidentMemory(const Napi::CallbackInfo& info);
// replaceProcess({ arguments, environment }): lists of strings.
Napi::Value ReplaceProcess(const Napi::CallbackInfo& info);
// See core/script_name.h.
Napi::Value GetScriptName(const Napi::CallbackInfo& info);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_
