// SPDX-License-Identifier: MIT
// What the addon tells of the whole process, tracing or not: the memory ledger's native half, and
// how names are kept.
#ifndef TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_
#define TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_

#include <node_api.h>

namespace tracemalloc {

// What this thread's V8 was told of, array buffers and all.
napi_value GetExternalMemory(napi_env env, napi_callback_info info);
napi_value GetMallocFigures(napi_env env, napi_callback_info info);
napi_value GetHeapSizes(napi_env env, napi_callback_info info);
// An external, to be given to the next; undefined where there is no /proc.
napi_value GetMappings(napi_env env, napi_callback_info info);
napi_value GetResidentMemory(napi_env env, napi_callback_info info);
// replaceProcess({ arguments, environment }): lists of strings.
napi_value ReplaceProcess(napi_env env, napi_callback_info info);
// See core/script_name.h.
napi_value GetScriptName(napi_env env, napi_callback_info info);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_PROCESS_FUNCTIONS_H_
