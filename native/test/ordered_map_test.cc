// SPDX-License-Identifier: MIT
// Reading a Map by its memory: the newest entries first, and nothing where it is not as expected.
#include "layout/ordered_map.h"

#include <doctest/doctest.h>

#include <vector>

#include "fake_heap.h"

namespace tracemalloc {
namespace {

constexpr int kMapType = 1100;
constexpr int kTableType = 150;

struct Entry {
  uintptr_t key;
  uintptr_t value;
};

class FakeMap {
 public:
  explicit FakeMap(FakeHeap* heap, const std::vector<Entry>& entries, int32_t deleted = 0)
      : heap_(heap) {
    const int32_t used = static_cast<int32_t>(entries.size());
    const int32_t words = 3 + 2 + 3 * (used + 1);
    table = heap->NewObject(kTableType, static_cast<size_t>(16 + 8 * words));
    heap->Set(table, kArrayLength, FakeHeap::Smi(words));
    Put(0, FakeHeap::Smi(used - deleted));
    Put(1, FakeHeap::Smi(deleted));
    Put(2, FakeHeap::Smi(2));
    for (int32_t i = 0; i < used; i++) {
      Put(5 + 3 * i, entries[static_cast<size_t>(i)].key);
      Put(6 + 3 * i, entries[static_cast<size_t>(i)].value);
    }
    map = heap->NewObject(kMapType, 32);
    heap->Set(map, 24, table);
  }
  void Put(int32_t word, uintptr_t value) { heap_->Set(table, kArrayData + 8 * word, value); }

  uintptr_t map;
  uintptr_t table;

 private:
  FakeHeap* heap_;
};

TEST_CASE("ordered map: finds a key, also behind deleted ones, once it has learned the types") {
  const Layout layout{};
  FakeHeap heap(layout);
  const uintptr_t key = heap.NewObject(900, 32);
  const uintptr_t other = heap.NewObject(900, 32);
  const FakeMap one(&heap, {{key, FakeHeap::Smi(7)}});
  const FakeMap three(&heap, {{other, FakeHeap::Smi(1)}, {0, 0}, {key, FakeHeap::Smi(3)}}, 1);
  OrderedMapReader reader(Memory::kChecked);
  CHECK_FALSE(reader.Find(one.map, key).has_value());
  REQUIRE(reader.Learn(one.map, key));
  CHECK(reader.Find(one.map, key).value() == FakeHeap::Smi(7));
  CHECK(reader.Find(three.map, key).value() == FakeHeap::Smi(3));
  CHECK(reader.Find(three.map, other).value() == FakeHeap::Smi(1));
  CHECK_FALSE(reader.Find(one.map, other).has_value());
}

TEST_CASE("ordered map: what is no Map has no keys") {
  const Layout layout{};
  FakeHeap heap(layout);
  const uintptr_t key = heap.NewObject(900, 32);
  FakeMap map(&heap, {{key, FakeHeap::Smi(7)}});
  OrderedMapReader reader(Memory::kChecked);
  CHECK_FALSE(reader.Learn(FakeHeap::Smi(5), key));
  CHECK_FALSE(reader.Learn(key, key));
  CHECK_FALSE(reader.Learn(map.map, map.map));
  REQUIRE(reader.Learn(map.map, key));
  CHECK_FALSE(reader.Find(0, key).has_value());
  CHECK_FALSE(reader.Find(key, key).has_value());
  CHECK_FALSE(reader.Find(map.table, key).has_value());
}

TEST_CASE("ordered map: counts that can't be are refused") {
  const Layout layout{};
  FakeHeap heap(layout);
  const uintptr_t key = heap.NewObject(900, 32);
  for (const int32_t damaged : {0, 1, 2}) {
    FakeMap map(&heap, {{key, FakeHeap::Smi(7)}});
    OrderedMapReader reader(Memory::kChecked);
    REQUIRE(reader.Learn(map.map, key));
    for (const int32_t count : {-1, 1000, INT32_MAX}) {
      map.Put(damaged, FakeHeap::Smi(count));
      CHECK_FALSE(reader.Find(map.map, key).has_value());
    }
    map.Put(damaged, key);
    CHECK_FALSE(reader.Find(map.map, key).has_value());
  }
}

}  // namespace
}  // namespace tracemalloc
