// SPDX-License-Identifier: MIT
#include "process/malloc_figures.h"

#include <dlfcn.h>

#include <cstddef>

namespace tracemalloc {
namespace {

// glibc's struct mallinfo2, declared here since headers may be older than the library that runs.
struct MallInfo2 {
  size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};

}  // namespace

bool GetMallocFigures(MallocFigures* figures) {
  using Function = MallInfo2 (*)();
  static const auto mallinfo2 = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "mallinfo2"));
  if (mallinfo2 == nullptr) return false;
  const MallInfo2 info = mallinfo2();
  *figures = {info.uordblks, info.fordblks, info.hblkhd};
  return true;
}

}  // namespace tracemalloc
