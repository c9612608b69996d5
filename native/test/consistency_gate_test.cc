// SPDX-License-Identifier: MIT
// Which objects a function's bytecodes can have allocated, tested with hand-built functions.
#include "layout/verdicts/consistency_gate.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "layout/bytecode/bytecode_kinds.h"
#include "layout/bytecode/bytecode_sizes.h"
#include "layout/bytecode/function_positions.h"
#include "test/fake_heap.h"
#include "test/position_bytes.h"

namespace tracemalloc {
namespace {

using ObjectKind = ConsistencyGate::ObjectKind;
using Possibility = ConsistencyGate::Possibility;

struct Bytecode {
  BytecodeKind kind;
  int position;  // 0: no position of its own
};

class Functions {
 public:
  Functions() : layout_(Node24Layout()), heap_(layout_) {}

  // Creates a function of such bytecodes; *offsets receives the offset of each.
  uintptr_t New(const std::vector<Bytecode>& bytecodes, std::vector<int32_t>* offsets = nullptr) {
    const BytecodeKinds kinds(layout_.node_module_version);
    const BytecodeSizes sizes(layout_.node_module_version);
    std::vector<uint8_t> bytes;
    std::vector<PositionToEncode> positions;
    for (const Bytecode& each : bytecodes) {
      int number = BytecodeSizes::kPrefixCount;
      while (kinds.Of(static_cast<uint8_t>(number)) != each.kind) ++number;
      uint8_t bytecode[16] = {static_cast<uint8_t>(number)};
      const int32_t offset = static_cast<int32_t>(bytes.size());
      if (offsets != nullptr) offsets->push_back(offset);
      if (each.position > 0) positions.push_back({offset, each.position});
      bytes.insert(bytes.end(), bytecode, bytecode + sizes.SizeAt(bytecode, sizeof(bytecode)));
    }
    const uintptr_t array =
        heap_.NewBytes(layout_.type_bytecode_array, layout_.bytecode_data, bytes);
    heap_.Set(array, layout_.bytecode_positions,
              heap_.NewBytes(layout_.type_byte_array, kArrayData,
                             EncodePositions(positions, kStatementInSign)));
    const uintptr_t shared = heap_.NewObject(layout_.type_shared_function_info, 80);
    heap_.Set(shared, layout_.shared_data, array);
    return shared;
  }
  const HeapView& view() const { return view_; }

 private:
  const Layout& layout_;
  FakeHeap heap_;
  HeapView view_{&layout_, Memory::kChecked};
};

TEST_CASE("a position that can't allocate such an object is detected") {
  Functions functions;
  ConsistencyGate gate(Node24Layout().node_module_version);
  const uintptr_t function = functions.New({{BytecodeKind::kFunctionContext, 0},
                                            {BytecodeKind::kProperty, 10},
                                            {BytecodeKind::kNothing, 20},
                                            {BytecodeKind::kObjectLiteral, 0},
                                            {BytecodeKind::kClosure, 30},
                                            {BytecodeKind::kAnything, 40}});
  const HeapView& heap = functions.view();
  CHECK(gate.CanMake(heap, function, 10, ObjectKind::kPlainObject) == Possibility::kNo);
  CHECK(gate.CanMake(heap, function, 20, ObjectKind::kPlainObject) == Possibility::kYes);
  CHECK(gate.CanMake(heap, function, 20, ObjectKind::kFunction) == Possibility::kNo);
  CHECK(gate.CanMake(heap, function, 30, ObjectKind::kFunction) == Possibility::kYes);
  CHECK(gate.CanMake(heap, function, 30, ObjectKind::kInstance) == Possibility::kNo);
  for (const ObjectKind kind : {ObjectKind::kPlainObject, ObjectKind::kInstance, ObjectKind::kArray,
                                ObjectKind::kFunction}) {
    CHECK(gate.CanMake(heap, function, 40, kind) == Possibility::kByCall);
  }
  CHECK(gate.CanMake(heap, function, 10, ObjectKind::kOther) == Possibility::kYes);
  // The start of the function, which is the position of no bytecode.
  CHECK(gate.CanMake(heap, function, 5, ObjectKind::kContext) == Possibility::kYes);
  CHECK(gate.CanMake(heap, function, 5, ObjectKind::kArray) == Possibility::kNo);
}

TEST_CASE("the only positions that can allocate such an object are listed") {
  Functions functions;
  ConsistencyGate gate(Node24Layout().node_module_version);
  const HeapView& heap = functions.view();
  std::vector<int32_t> positions;
  REQUIRE(gate.FindMakers(heap,
                          functions.New({{BytecodeKind::kProperty, 10},
                                         {BytecodeKind::kArrayLiteral, 20},
                                         {BytecodeKind::kEmptyArray, 30},
                                         {BytecodeKind::kEmptyObject, 40}}),
                          ObjectKind::kArray, &positions));
  CHECK(positions == std::vector<int32_t>{20, 30});
  CHECK_FALSE(gate.FindMakers(
      heap, functions.New({{BytecodeKind::kArrayLiteral, 10}, {BytecodeKind::kAnything, 20}}),
      ObjectKind::kArray, &positions));
  CHECK_FALSE(gate.FindMakers(heap, 0, ObjectKind::kArray, &positions));
}

TEST_CASE("a bytecode may allocate by what it calls, too") {
  Functions functions;
  ConsistencyGate gate(Node24Layout().node_module_version);
  const HeapView& heap = functions.view();
  std::vector<int32_t> offsets;
  const uintptr_t function = functions.New({{BytecodeKind::kProperty, 10},
                                            {BytecodeKind::kNothing, 20},
                                            {BytecodeKind::kEmptyArray, 0},
                                            {BytecodeKind::kAdd, 30}},
                                           &offsets);
  const uintptr_t bytecodes = FunctionPositions::BytecodeOf(heap, function);
  const auto maker = [&](size_t at, ObjectKind kind) {
    return gate.MakerAt(heap, bytecodes, offsets[at], kind);
  };
  using Maker = ConsistencyGate::Maker;
  CHECK(maker(0, ObjectKind::kPlainObject) == Maker::kWhatItCalls);  // an accessor
  CHECK(maker(1, ObjectKind::kPlainObject) == Maker::kAnother);
  CHECK(maker(2, ObjectKind::kPlainObject) == Maker::kAnother);
  CHECK(maker(2, ObjectKind::kArray) == Maker::kItself);
  CHECK(maker(2, ObjectKind::kOther) == Maker::kItself);
  CHECK(maker(3, ObjectKind::kPlainObject) == Maker::kWhatItCalls);  // valueOf()
}

}  // namespace
}  // namespace tracemalloc
