// SPDX-License-Identifier: MIT
// Test only. Stacks recorded twice at the same point, by the walker and by V8 itself, and compared
// frame by frame.
#ifndef TRACEMALLOC_TEST_RECORDED_STACKS_H_
#define TRACEMALLOC_TEST_RECORDED_STACKS_H_

#include <v8.h>

#include <memory>
#include <string>
#include <vector>

#include "core/tables.h"
#include "layout/layout.h"
#include "v8/names/frame_resolver.h"
#include "v8/walker/stack_walker.h"

namespace tracemalloc {

class RecordedStacks {
 public:
  explicit RecordedStacks(v8::Isolate* isolate) : isolate_(isolate) {}
  ~RecordedStacks();

  Status Start(const Layout& layout);
  // The running walker's own row, which tests make wrong after the start gate has passed it.
  Layout* layout() { return &layout_; }
  // To be called from a JavaScript function.
  void Record();
  // JSON: totals, and the first mismatches with both stacks in full.
  std::string Results();
  // JSON: the last recorded stack as the resolver reports it.
  std::string LastStack();
  void Clear();
  // Nanoseconds of one walk of the current stack, at most `limit` frames: the median of many.
  double WalkTime(uint32_t limit);

 private:
  struct ExpectedFrame {
    int script_id;
    int line;
    int column;
    std::string function_name;
    std::string filename;
  };
  struct Stack {
    std::vector<FrameId> walked;
    std::vector<ExpectedFrame> expected;
    uint32_t total;
  };

  static void AfterCollection(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags,
                              void* data);
  std::string Difference(const Stack& stack, uint64_t* frames, uint64_t* approximate) const;
  std::string FrameDifference(const FrameTable::Entry& walked, const ExpectedFrame& expected) const;
  std::string Describe(FrameId id) const;

  v8::Isolate* isolate_;
  Layout layout_{};
  Tables tables_;
  std::unique_ptr<FrameResolver> resolver_;
  std::unique_ptr<StackWalker> walker_;
  std::vector<Stack> stacks_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_TEST_RECORDED_STACKS_H_
