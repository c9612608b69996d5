// SPDX-License-Identifier: MIT
// std::vector calls this when a size overflows. libstdc++ has it since GCC 11, but systems with
// glibc 2.28 have the libstdc++ of GCC 8. The exception is caught like any lack of memory: see
// native/README.md.
#include <new>

namespace std {

[[noreturn]] void __throw_bad_array_new_length() { throw bad_alloc(); }

}  // namespace std
