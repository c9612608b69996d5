// SPDX-License-Identifier: MIT
// To be preloaded: of what the addon gives back, one in 20 is not. So it leaks, and whoever looks
// for leaks must find them.
#include "../addon-range.h"

namespace {

bool Forgets(const void* caller) {
  static std::atomic<unsigned> deletions;
  return IsAddon(caller) && ++deletions % 20 == 0;
}

}  // namespace

void operator delete(void* memory) noexcept {
  static const auto real = reinterpret_cast<void (*)(void*)>(dlsym(RTLD_NEXT, "_ZdlPv"));
  if (!Forgets(__builtin_return_address(0))) real(memory);
}

void operator delete(void* memory, size_t size) noexcept {
  static const auto real = reinterpret_cast<void (*)(void*, size_t)>(dlsym(RTLD_NEXT, "_ZdlPvm"));
  if (!Forgets(__builtin_return_address(0))) real(memory, size);
}
