// SPDX-License-Identifier: MIT
// Code lookup, inlined frames and the frame chain on a hand-built heap and stack.
#include <doctest/doctest.h>
#include <sys/mman.h>

#include "layout/bytecode/function_positions.h"
#include "layout/frames/code_lookup.h"
#include "layout/frames/frame_chain.h"
#include "layout/frames/optimized_code.h"
#include "layout/frames/optimized_positions.h"
#include "test/fake_heap.h"
#include "test/position_bytes.h"

namespace tracemalloc {
namespace {

TEST_CASE("the code of a return address is found, whatever its length") {
  const Layout& layout = Node24Layout();
  FakeHeap heap(layout);
  const HeapView view(&layout, Memory::kChecked);
  const uintptr_t code = heap.NewCode(layout.kind_turbofan, std::vector<uint8_t>(9000, 0x90), {});
  CodeLookup lookup;
  const uintptr_t start = heap.CodeStart(code);
  const CodeObject* found = lookup.Find(view, start + 8999);
  REQUIRE(found != nullptr);
  CHECK(found->object == code);
  CHECK(found->tier == Tier::kTurbofan);
  CHECK(lookup.Find(view, start + 1) == found);
}

TEST_CASE("code whose instructions do not refer back to it is refused") {
  const Layout& layout = Node24Layout();
  const HeapView view(&layout, Memory::kChecked);
  for (const int field : {layout.code_stream, layout.code_start}) {
    // The search continues below the code, and must find the end of memory there.
    constexpr size_t kSize = 3 * 4096;
    auto* pages = static_cast<uint8_t*>(
        mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(pages, 4096, PROT_NONE);
    FakeHeap heap(layout);
    const uintptr_t code = heap.NewObject(layout.type_code, 128);
    const uintptr_t start = reinterpret_cast<uintptr_t>(pages) + 4096 + 1024;
    const uintptr_t stream = start - layout.stream_header + 1;
    heap.Set(stream, layout.stream_code, code);
    heap.Set(code, layout.code_stream, stream);
    heap.Set(code, layout.code_start, start);
    heap.Set<uint32_t>(code, layout.code_size, 512);
    CHECK(CodeLookup().Find(view, start + 100) != nullptr);
    heap.Set(code, field, uintptr_t{0x1001});
    CHECK(CodeLookup().Find(view, start + 100) == nullptr);
    munmap(pages, kSize);
  }
}

TEST_CASE("an inlined call is expanded to its callers' positions") {
  const Layout& layout = Node24Layout();
  FakeHeap heap(layout);
  const HeapView view(&layout, Memory::kChecked);
  const uintptr_t outer = heap.NewObject(layout.type_shared_function_info, 80);
  const uintptr_t inner = heap.NewObject(layout.type_shared_function_info, 80);
  const uintptr_t code = heap.NewCode(layout.kind_turbofan, std::vector<uint8_t>(64, 0x90),
                                      {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  heap.Set(code, layout.code_positions,
           heap.NewBytes(layout.type_byte_array, kArrayData,
                         EncodePositions({{0, 10}, {20, 500, 0}}, kStatementInSign)));
  std::vector<uint8_t> inlining(16, 0);
  const int64_t caller = int64_t{33 + 1} << 1;
  std::memcpy(inlining.data(), &caller, sizeof(caller));
  std::vector<uintptr_t> deopt(layout.deopt_first_entry, FakeHeap::Smi(0));
  deopt[layout.deopt_literals] = heap.NewArray({inner | 2});  // weak
  deopt[layout.deopt_inlining_positions] =
      heap.NewBytes(layout.type_inlining_positions, kArrayData, inlining);
  const uintptr_t deopt_data = heap.NewArray(deopt);
  heap.Set(code, layout.code_deopt_data, deopt_data);

  CodeLookup lookup;
  FunctionPositions functions(layout.node_module_version);
  OptimizedCode optimized;
  OptimizedPositions optimized_positions;
  OptimizedPlace place;
  const std::vector<OptimizedFrame>& frames = place.frames;
  const uintptr_t start = heap.CodeStart(code);
  const CodeObject* found = lookup.Find(view, start + 30);
  REQUIRE(found != nullptr);
  const auto find = [&](uintptr_t pc) {
    return optimized.Decode(view, *found, outer) &&
           optimized_positions.Find(view, &optimized, pc, &functions, &place);
  };
  REQUIRE(find(start + 30));
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].shared == inner);
  CHECK(frames[0].position == 500);
  CHECK(frames[1].shared == outer);
  CHECK(frames[1].position == 33);

  REQUIRE(find(start + 12));
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].position == 10);

  // A literal that is no function, an inlining id out of bounds: no result rather than a guess.
  heap.Set(deopt_data, kArrayData + 8 * layout.deopt_literals, heap.NewArray({deopt_data}));
  CHECK_FALSE(find(start + 30));
  heap.Set(deopt_data, kArrayData + 8 * layout.deopt_literals, heap.NewArray({}));
  CHECK_FALSE(find(start + 30));
}

TEST_CASE("the chain skips stubs, crosses entry frames and ends at the first") {
  const Layout& layout = Node24Layout();
  const HeapView view(&layout, Memory::kChecked);
  constexpr int kSavedExit = -0x40;
  uint64_t stack[64] = {};
  const auto at = [&stack](int i) { return reinterpret_cast<uintptr_t>(&stack[i]); };
  const auto frame = [&](int i, int caller, uint64_t pc, uint64_t marker) {
    stack[i] = caller == 0 ? 0 : at(caller);
    stack[i + 1] = pc;
    stack[i - 1] = marker;
  };
  frame(4, 10, 0x111, 3 << 1);                                          // exit
  frame(10, 16, 0x222, static_cast<uint64_t>(layout.frame_stub) << 1);  // handler
  frame(16, 30, 0x333, 0x5551);                                         // JavaScript
  frame(30, 33, 0, 1 << 1);                                             // entry
  stack[30 + kSavedExit / 8] = at(40);
  frame(40, 46, 0x444, 3 << 1);  // the exit below
  frame(46, 60, 0x555, 0x5551);  // JavaScript
  frame(60, 0, 0, 1 << 1);       // the outermost entry
  FrameChain chain(view, at(4), kSavedExit);
  PhysicalFrame physical;
  REQUIRE(chain.Next(&physical));
  CHECK(physical.fp == at(16));
  CHECK(physical.pc == 0x222);
  CHECK(physical.stub_pc == 0x111);
  REQUIRE(chain.Next(&physical));
  CHECK(physical.fp == at(46));
  CHECK(physical.pc == 0x444);
  CHECK(physical.stub_pc == 0);
  CHECK_FALSE(chain.Next(&physical));
}

TEST_CASE("a broken frame chain ends") {
  const Layout& layout = Node24Layout();
  const HeapView view(&layout, Memory::kChecked);
  uint64_t stack[16] = {};
  PhysicalFrame physical;
  const uintptr_t self = reinterpret_cast<uintptr_t>(&stack[4]);
  stack[4] = self;  // a loop
  CHECK_FALSE(FrameChain(view, self, -0x40).Next(&physical));
  stack[4] = 0x10008;  // not mapped, and below
  CHECK_FALSE(FrameChain(view, self, -0x40).Next(&physical));
  CHECK_FALSE(FrameChain(view, 0x18, -0x40).Next(&physical));
  CHECK_FALSE(FrameChain(view, 0, -0x40).Next(&physical));
}

}  // namespace
}  // namespace tracemalloc
