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

using Function = MallInfo2 (*)();

// Null where its answer would not be about the malloc that is used. Allocators that take malloc's
// place take valloc's too; malloc itself does not tell, for programs may give it an address of
// their own.
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
