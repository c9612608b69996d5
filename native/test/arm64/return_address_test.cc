// SPDX-License-Identifier: MIT
#include "layout/machine/return_address.h"

#include <doctest/doctest.h>
#include <sys/auxv.h>

namespace tracemalloc {
namespace {

constexpr unsigned long kSignsAddresses = 1ul << 30;  // HWCAP_PACA

// paciasp, as C++ code compiled with -mbranch-protection=standard does in each function.
uintptr_t Signed(uintptr_t address, uintptr_t stack) {
  register uintptr_t lr asm("x30") = address;
  asm volatile("mov x16, sp\n mov x17, %1\n mov sp, x17\n hint #25\n mov sp, x16"
               : "+r"(lr)
               : "r"(stack)
               : "x16", "x17");
  return lr;
}

TEST_CASE("a signed return address is the address again") {
  constexpr uintptr_t kAddress = 0x7fa36c006d48;
  CHECK(WithoutSignature(kAddress) == kAddress);
  if ((getauxval(AT_HWCAP) & kSignsAddresses) == 0) return;  // this processor can't sign
  // A signature may be nothing, with a probability of 1/128.
  bool is_signed = false;
  for (uintptr_t stack = 0x7ff0000; stack < 0x7ff0400; stack += 16) {
    const uintptr_t address = Signed(kAddress, stack);
    is_signed = is_signed || address != kAddress;
    CHECK(WithoutSignature(address) == kAddress);
  }
  CHECK(is_signed);
}

}  // namespace
}  // namespace tracemalloc
