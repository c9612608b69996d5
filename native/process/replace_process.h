// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_PROCESS_REPLACE_PROCESS_H_
#define TRACEMALLOC_PROCESS_REPLACE_PROCESS_H_

#include <string>
#include <vector>

namespace tracemalloc {

// Replaces this process by another program, with the same standard streams and process id. Returns
// only on failure.
void ReplaceProcess(std::vector<std::string> arguments, std::vector<std::string> environment);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_REPLACE_PROCESS_H_
