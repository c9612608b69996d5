// SPDX-License-Identifier: MIT
// Reads from V8's API the facts that `layout` needs to read V8's memory.
#ifndef TRACEMALLOC_V8_WALKER_ASK_V8_H_
#define TRACEMALLOC_V8_WALKER_ASK_V8_H_

#include <v8.h>

#include "layout/v8_facts.h"

namespace tracemalloc {

V8Facts AskV8(v8::Isolate* isolate);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_ASK_V8_H_
