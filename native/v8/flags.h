// SPDX-License-Identifier: MIT
// V8's flags are the process's, and all threads that trace share them: whoever comes first sets
// them, whoever goes last puts them back, whichever threads that are, and however they end. One
// lock covers the counts together with what is set.
#ifndef TRACEMALLOC_V8_FLAGS_H_
#define TRACEMALLOC_V8_FLAGS_H_

#include <string>

namespace tracemalloc {

// Flags as V8 understands them, none of which may change bytecode. Code caches stay valid: V8
// refuses one whose hash over all flags is not its own, Node's for its modules and those of users
// alike, and compiles from source. The hash is kept as it was where it can be found; where not, as
// without memory, and once somebody else sets a flag, caches are refused.
struct FlagTexts {
  std::string tracing;  // empty: there is nothing to set
  std::string usual;
};

// While there is one, the flags are as tracing needs them. Those of the first are for all.
class TracingFlags {
 public:
  explicit TracingFlags(const FlagTexts& texts);
  ~TracingFlags();
  TracingFlags(const TracingFlags&) = delete;
  TracingFlags& operator=(const TracingFlags&) = delete;
};

// While there is one, V8's test functions can be called. `are_allowed` tells whether they can be
// without, because the user asked for them; called with the lock held, by the first only.
class TestFunctions {
 public:
  template <typename AreAllowed>
  explicit TestFunctions(AreAllowed are_allowed) {
    Allow([](void* ask) { return (*static_cast<AreAllowed*>(ask))(); }, &are_allowed);
  }
  ~TestFunctions();
  TestFunctions(const TestFunctions&) = delete;
  TestFunctions& operator=(const TestFunctions&) = delete;

 private:
  static void Allow(bool (*are_allowed)(void*), void* data);
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_FLAGS_H_
