// SPDX-License-Identifier: MIT
// For libraries to be preloaded, in one source file of each: whether it is the addon that calls.
#ifndef TRACEMALLOC_TORTURE_ADDON_RANGE_H_
#define TRACEMALLOC_TORTURE_ADDON_RANGE_H_

#include <dlfcn.h>
#include <link.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

std::atomic<uintptr_t> addon_begin, addon_end;

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

bool IsAddon(const void* caller) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(caller);
  return addon_begin != 0 && address >= addon_begin && address < addon_end;
}

}  // namespace

// Found as soon as it is loaded.
extern "C" void* dlopen(const char* file, int mode) noexcept {
  using Function = void* (*)(const char*, int);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "dlopen"));
  void* const library = real(file, mode);
  if (addon_begin == 0) dl_iterate_phdr(FindAddon, nullptr);
  return library;
}

#endif  // TRACEMALLOC_TORTURE_ADDON_RANGE_H_
