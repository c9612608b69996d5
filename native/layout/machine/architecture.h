// SPDX-License-Identifier: MIT
// The numbers in which the architectures differ. What differs in code is declared beside this, and
// is in layout/x64 and layout/arm64, of which the build compiles one (addon.gypi).
#ifndef TRACEMALLOC_LAYOUT_MACHINE_ARCHITECTURE_H_
#define TRACEMALLOC_LAYOUT_MACHINE_ARCHITECTURE_H_

#include <cstdint>

namespace tracemalloc {

#if defined(__x86_64__)
constexpr uintptr_t kEndOfUserMemory = uintptr_t{1} << 47;
// Where V8 lets instructions begin: kCodeAlignment, src/common/globals.h at 13.6.233.
constexpr uintptr_t kCodeAlignment = 64;
#elif defined(__aarch64__)
constexpr uintptr_t kEndOfUserMemory = uintptr_t{1} << 48;
constexpr uintptr_t kCodeAlignment = 32;
#else
#error "machine code of this architecture can't be read"
#endif

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_MACHINE_ARCHITECTURE_H_
