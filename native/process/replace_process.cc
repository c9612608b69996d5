// SPDX-License-Identifier: MIT
#include "process/replace_process.h"

#include <fcntl.h>
#include <unistd.h>

namespace tracemalloc {
namespace {

std::vector<char*> Pointers(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts->size() + 1);
  for (std::string& text : *texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

void ReplaceProcess(std::vector<std::string> arguments, std::vector<std::string> environment) {
  const std::vector<char*> argv = Pointers(&arguments);
  const std::vector<char*> envp = Pointers(&environment);
  // Node marks the standard streams close-on-exec; they must stay open.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const int flags = fcntl(stream, F_GETFD);
    if (flags >= 0) fcntl(stream, F_SETFD, flags & ~FD_CLOEXEC);
  }
  execve(argv[0], argv.data(), envp.data());
}

}  // namespace tracemalloc
