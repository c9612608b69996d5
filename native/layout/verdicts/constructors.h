// SPDX-License-Identifier: MIT
// Finds the constructors of an object: an instance's map refers to its class, a class to the one it
// extends.
#ifndef TRACEMALLOC_LAYOUT_VERDICTS_CONSTRUCTORS_H_
#define TRACEMALLOC_LAYOUT_VERDICTS_CONSTRUCTORS_H_

#include <cstdint>
#include <vector>

namespace tracemalloc {

class HeapView;
struct V8Facts;

// The functions of the program, as tagged SharedFunctionInfos, whose [[Construct]] can have made
// `object` (tagged, initialised): its class first, then the classes that this one extends. Empty if
// it is not a plain instance of a function of the program.
void FindConstructors(const HeapView& heap, const V8Facts& v8, uintptr_t object,
                      std::vector<uintptr_t>* functions);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_VERDICTS_CONSTRUCTORS_H_
