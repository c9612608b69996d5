// SPDX-License-Identifier: MIT
// std::vector calls this where a size overflows; libstdc++ has it since GCC 11, systems with glibc
// 2.28 have that of GCC 8. It is caught as any lack of memory is: see native/README.md.
#include <new>

namespace std {

[[noreturn]] void __throw_bad_array_new_length() { throw bad_alloc(); }

}  // namespace std
