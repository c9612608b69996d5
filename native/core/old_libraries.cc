// SPDX-License-Identifier: MIT
// std::vector calls this where a size overflows; libstdc++ has it since GCC 11, systems with glibc
// 2.28 have that of GCC 8. Compiled without exceptions, we could only end anyway.
#include <cstdlib>
#include <new>

namespace std {

[[noreturn]] void __throw_bad_array_new_length() { abort(); }

}  // namespace std
