// SPDX-License-Identifier: MIT
#include "layout/machine/return_address.h"

namespace tracemalloc {

uintptr_t WithoutSignature(uintptr_t return_address) { return return_address; }

}  // namespace tracemalloc
