// SPDX-License-Identifier: MIT
// V8's flags apply to the whole process, so all threads that trace share them: the first one sets
// them, the last one puts them back, however the threads end. One lock covers the counts and the
// setting.
#ifndef TRACEMALLOC_V8_FLAGS_H_
#define TRACEMALLOC_V8_FLAGS_H_

#include <string>

namespace tracemalloc {

// Flags in V8's syntax, none of which may change bytecode. V8 rejects a code cache whose hash over
// all flags differs from its own (Node's caches of its modules as well as users'), and compiles
// from source. So the hash is set back to its old value, and code caches stay valid, if the hash
// can be found. If not (for example for lack of memory), or once other code sets a flag, V8 rejects
// code caches.
struct FlagTexts {
  std::string tracing;  // empty: there is nothing to set
  std::string usual;
};

// While an instance exists, the flags are set as tracing needs them, by the texts of the first one.
class TracingFlags {
 public:
  explicit TracingFlags(const FlagTexts& texts);
  ~TracingFlags();
  TracingFlags(const TracingFlags&) = delete;
  TracingFlags& operator=(const TracingFlags&) = delete;
};

// While an instance exists, V8's test functions can be called. `are_allowed` returns whether the
// user has already enabled them; it is called with the lock held, by the first instance only.
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
