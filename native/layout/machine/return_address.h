// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_LAYOUT_MACHINE_RETURN_ADDRESS_H_
#define TRACEMALLOC_LAYOUT_MACHINE_RETURN_ADDRESS_H_

#include <cstdint>

namespace tracemalloc {

// The address in a return address of C++ code, which a processor may have signed in its upper bits,
// with the stack pointer, so that one address has many forms.
uintptr_t WithoutSignature(uintptr_t return_address);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_MACHINE_RETURN_ADDRESS_H_
