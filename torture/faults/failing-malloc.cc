// SPDX-License-Identifier: MIT
// To be preloaded: of what the addon asks for, one in FAILING_ONE_IN requests is refused, until
// SIGUSR2 comes. Everybody else gets theirs.
#include <dlfcn.h>
#include <link.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" void* __libc_malloc(size_t size);

namespace {

std::atomic<uintptr_t> addon_begin, addon_end;
std::atomic<uint64_t> state;
std::atomic<bool> is_over;
uint64_t one_in;

int FindAddon(dl_phdr_info* info, size_t, void*) {
  if (strstr(info->dlpi_name, "tracemalloc.abi") == nullptr) return 0;
  uintptr_t end = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    const uintptr_t segment_end = info->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    if (segment.p_type == PT_LOAD && segment_end > end) end = segment_end;
  }
  addon_end = end;
  addon_begin = info->dlpi_addr;
  return 1;
}

bool Fails(const void* caller) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(caller);
  if (addon_begin == 0 || address < addon_begin || address >= addon_end || is_over) return false;
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

extern "C" void* dlopen(const char* file, int mode) noexcept {
  using Function = void* (*)(const char*, int);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "dlopen"));
  void* const library = real(file, mode);
  if (addon_begin == 0) dl_iterate_phdr(FindAddon, nullptr);
  return library;
}

// The memory of Buffers comes through the addon, too, and is not its own: told by the size.
extern "C" void* malloc(size_t size) noexcept {
  const bool is_own = size <= 64 || size == 16 << 10;
  if (!is_own || !Fails(__builtin_return_address(0))) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}

void* operator new(size_t size) {
  void* const memory = Fails(__builtin_return_address(0)) ? nullptr : __libc_malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return Fails(__builtin_return_address(0)) ? nullptr : __libc_malloc(size);
}
