// SPDX-License-Identifier: MIT
// To be preloaded: of what the addon asks for, one in FAILING_ONE_IN requests is refused, until
// SIGUSR2 comes. Everybody else gets theirs.
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <new>

#include "../addon-range.h"

namespace {

std::atomic<uint64_t> state;
std::atomic<bool> is_over;
uint64_t one_in;

// Of the next in line: the C library, or a sanitizer.
void* Allocate(size_t size) {
  static const auto real = reinterpret_cast<void* (*)(size_t)>(dlsym(RTLD_NEXT, "malloc"));
  return real(size);
}

bool Fails(const void* caller) {
  if (is_over || !IsAddon(caller)) return false;
  uint64_t random = state += 0x9E3779B97F4A7C15ull;
  random = (random ^ (random >> 30)) * 0xBF58476D1CE4E5B9ull;
  random = (random ^ (random >> 27)) * 0x94D049BB133111EBull;
  return (random ^ (random >> 31)) % one_in == 0;
}

__attribute__((constructor)) void Init() {
  state = strtoull(getenv("FAILING_SEED"), nullptr, 10);
  one_in = strtoull(getenv("FAILING_ONE_IN"), nullptr, 10);
  signal(SIGUSR2, [](int) { is_over = true; });
}

}  // namespace

// The memory of Buffers comes through the addon, too, and is not its own: told by the size.
extern "C" void* malloc(size_t size) noexcept {
  const bool is_own = size <= 64 || size == 16 << 10;
  if (!is_own || !Fails(__builtin_return_address(0))) return Allocate(size);
  errno = ENOMEM;
  return nullptr;
}

void* operator new(size_t size) {
  void* const memory = Fails(__builtin_return_address(0)) ? nullptr : Allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return Fails(__builtin_return_address(0)) ? nullptr : Allocate(size);
}
