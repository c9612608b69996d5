// SPDX-License-Identifier: MIT
// Included first in every file (binding.gyp). A linker takes the newest version of a symbol, which
// an older C library lacks although it has the function; these directives take the first version.
// scripts/prebuild.mjs refuses a binary that needs more than glibc 2.28.
#ifndef TRACEMALLOC_CORE_OLD_LIBRARIES_H_
#define TRACEMALLOC_CORE_OLD_LIBRARIES_H_

#if defined(__gnu_linux__) && defined(__x86_64__)
#define TRACEMALLOC_FIRST_GLIBC "GLIBC_2.2.5"
#define TRACEMALLOC_FIRST_DLADDR1 "GLIBC_2.3.3"
#elif defined(__gnu_linux__) && defined(__aarch64__)
#define TRACEMALLOC_FIRST_GLIBC "GLIBC_2.17"
#define TRACEMALLOC_FIRST_DLADDR1 "GLIBC_2.17"
#endif

#ifdef TRACEMALLOC_FIRST_GLIBC
__asm__(".symver log, log@" TRACEMALLOC_FIRST_GLIBC);
__asm__(".symver exp, exp@" TRACEMALLOC_FIRST_GLIBC);
__asm__(".symver exp2, exp2@" TRACEMALLOC_FIRST_GLIBC);
__asm__(".symver log2, log2@" TRACEMALLOC_FIRST_GLIBC);
__asm__(".symver pow, pow@" TRACEMALLOC_FIRST_GLIBC);
__asm__(".symver dlsym, dlsym@" TRACEMALLOC_FIRST_GLIBC);
__asm__(".symver dladdr, dladdr@" TRACEMALLOC_FIRST_GLIBC);
__asm__(".symver dladdr1, dladdr1@" TRACEMALLOC_FIRST_DLADDR1);
#endif

#endif  // TRACEMALLOC_CORE_OLD_LIBRARIES_H_
