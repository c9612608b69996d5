// SPDX-License-Identifier: MIT
// Whether native code can hold an object that stands for a native one: a socket's handle, a script.
#ifndef TRACEMALLOC_RETAINERS_NATIVE_HOLD_H_
#define TRACEMALLOC_RETAINERS_NATIVE_HOLD_H_

#include <cstdint>

#include "retainers/heap_objects.h"

namespace tracemalloc {

// False: the handle of it is weak, or its native object is gone, so that only others can hold it.
// True also if no native object of a known form stands behind it. Known are Node's BaseObject and
// node::ObjectWrap: a field of the object refers to the native one, whose first member is a
// v8::Global of the object. Sources: src/base_object.h and src/node_object_wrap.h, and
// kNodeFlagsOffset and kNodeState* in include/v8-internal.h, alike from v20 to v26.
bool CanNativeCodeHold(HeapObjects* objects, uintptr_t object);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_NATIVE_HOLD_H_
