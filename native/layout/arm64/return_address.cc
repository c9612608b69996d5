// SPDX-License-Identifier: MIT
#include "layout/machine/return_address.h"

namespace tracemalloc {

uintptr_t WithoutSignature(uintptr_t return_address) {
  // xpaclri, as a hint, which processors that can't sign ignore. It works on x30.
  register uintptr_t lr asm("x30") = return_address;
  asm("hint #7" : "+r"(lr));
  return lr;
}

}  // namespace tracemalloc
