// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_PROCESS_REPLACE_PROCESS_H_
#define TRACEMALLOC_PROCESS_REPLACE_PROCESS_H_

#include <string>
#include <vector>

namespace tracemalloc {

// This process becomes another program, with the same standard streams, under the same id. Returns
// only if it can't.
void ReplaceProcess(std::vector<std::string> arguments, std::vector<std::string> environment);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_PROCESS_REPLACE_PROCESS_H_
