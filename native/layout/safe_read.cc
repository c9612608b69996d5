// SPDX-License-Identifier: MIT
#include "layout/safe_read.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <string>

namespace tracemalloc {
namespace {

constexpr uintptr_t kNeverMapped = 8;

// The kernel copies the signal set first, and then refuses, since no such operation exists: the
// error shows whether it could read.
bool KernelCanRead(uintptr_t address) {
  constexpr int kNoOperation = -1;
  constexpr size_t kSignalSetSize = 8;
  const int64_t answer =
      syscall(SYS_rt_sigprocmask, kNoOperation, address, nullptr, kSignalSetSize);
  return answer == -1 && errno == EINVAL;
}

}  // namespace

bool SafeRead(uintptr_t address, void* to, size_t size) {
  const iovec local{to, size};
  const iovec remote{reinterpret_cast<void*>(address), size};
  const ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
  if (n >= 0) return static_cast<size_t>(n) == size;
  if (errno == EFAULT) return false;
  // Containers may forbid the call (seccomp); the file has the same bytes.
  static const int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  return fd >= 0 && pread(fd, to, size, static_cast<off_t>(address)) == static_cast<ssize_t>(size);
}

bool IsReadable(uintptr_t address) {
  // An emulator or sandbox in place of the kernel may refuse before it copies.
  static const uint64_t readable = 0;
  static const bool is_told =
      KernelCanRead(reinterpret_cast<uintptr_t>(&readable)) && !KernelCanRead(kNeverMapped);
  if (is_told) return KernelCanRead(address);
  uint64_t ignored;
  return SafeRead(address, &ignored);
}

bool V8DebugConstant(const char* name, int* value) {
  const void* symbol = dlsym(RTLD_DEFAULT, (std::string("v8dbg_") + name).c_str());
  if (symbol == nullptr) return false;
  *value = *static_cast<const int*>(symbol);
  return true;
}

int V8DebugConstant(std::initializer_list<const char*> names) {
  int value;
  for (const char* name : names) {
    if (V8DebugConstant(name, &value)) return value;
  }
  return -1;
}

}  // namespace tracemalloc
