// SPDX-License-Identifier: MIT
// What holds objects: the search (retainers/retainer_search) on a thread of its own, and its
// confirmation, with names, on the thread of the caller. An external of JavaScript owns a search;
// when it is collected, or the environment ends, the search ends within milliseconds, and is waited
// for while it frees its memory.
#ifndef TRACEMALLOC_NAPI_RETAINERS_H_
#define TRACEMALLOC_NAPI_RETAINERS_H_

#include <napi.h>

#include <cstdint>
#include <vector>

#include "layout/layout.h"

namespace tracemalloc {

// Tagged addresses of objects, and addresses of buffers' memory.
using RetainerTargets = std::vector<uintptr_t>;

// See src/addon/binding.ts: the arguments of searchRetainers. Throws ERR_UNSUPPORTED_PLATFORM if
// this V8 does not export what is needed.
Napi::Value SearchRetainers(const Napi::CallbackInfo& info, RetainerTargets targets);
// The same for tellRetainers; `current` returns all that may be targets, as they are now.
Napi::Value TellRetainers(const Napi::CallbackInfo& info,
                          RetainerTargets (*current)(const Napi::CallbackInfo&));

}  // namespace tracemalloc

#endif  // TRACEMALLOC_NAPI_RETAINERS_H_
