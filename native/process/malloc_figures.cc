// SPDX-License-Identifier: MIT
#include "process/malloc_figures.h"

#include <dlfcn.h>

#include <cstddef>

namespace tracemalloc {
namespace {

// glibc's struct mallinfo2, declared here since the headers may be older than the running library.
struct MallInfo2 {
  size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};

using Function = MallInfo2 (*)();

// Null if mallinfo2 would not describe the malloc that is used. Allocators that replace malloc
// replace valloc, too; malloc's own address is no sign, since it may lie in the program itself.
Function FindMallInfo2() {
  void* const function = dlsym(RTLD_DEFAULT, "mallinfo2");
  void* const allocator = dlsym(RTLD_DEFAULT, "valloc");
  Dl_info theirs, ours;
  const bool is_of_malloc = function != nullptr && dladdr(allocator, &theirs) != 0 &&
                            dladdr(function, &ours) != 0 && theirs.dli_fbase == ours.dli_fbase;
  return is_of_malloc ? reinterpret_cast<Function>(function) : nullptr;
}

}  // namespace

bool GetMallocFigures(MallocFigures* figures) {
  static const Function mallinfo2 = FindMallInfo2();
  if (mallinfo2 == nullptr) return false;
  const MallInfo2 info = mallinfo2();
  *figures = {info.uordblks, info.fordblks, info.hblkhd};
  return true;
}

}  // namespace tracemalloc
