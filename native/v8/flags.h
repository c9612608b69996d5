// SPDX-License-Identifier: MIT
#ifndef TRACEMALLOC_V8_FLAGS_H_
#define TRACEMALLOC_V8_FLAGS_H_

namespace tracemalloc {

// For flags that change no bytecode. As v8::V8::SetFlagsFromString, except that code caches stay
// valid: V8 refuses one whose hash over all flags is not its own, Node's for its modules and those
// of users alike, and compiles from source. The hash is kept as it was where it can be found; where
// not, as without memory, and once somebody else sets a flag, caches are refused.
void SetFlagsBesideCaches(const char* flags);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_FLAGS_H_
