// SPDX-License-Identifier: MIT
#include "layout/layout.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace tracemalloc {
namespace {

TEST_CASE("a row is found by ABI and V8 version, whatever the patch level") {
  std::string reason;
  REQUIRE(FindLayout(115, "11.3.244.8-node.38", &reason) != nullptr);
  CHECK(FindLayout(115, "11.3.1", &reason)->node_module_version == 115);
  CHECK(FindLayout(147, "14.6.202.34-node.34", &reason)->v8_major == 14);
  CHECK(FindLayout(141, "14.1.146.11-node.25", &reason)->v8_minor == 1);
  CHECK(FindLayout(115, "11.4.0", &reason) == nullptr);
  CHECK(reason == "no layout for V8 11.4.0 (NODE_MODULE_VERSION 115)");
  CHECK(FindLayout(116, "11.3.244.8", &reason) == nullptr);
  CHECK(FindLayout(115, "unknown", &reason) == nullptr);
}

TEST_CASE("every number of a row has one name") {
  size_t count;
  const LayoutEntry* entries = LayoutEntries(&count);
  std::set<std::string> names;
  std::set<size_t> members;
  Layout layout{};
  for (size_t i = 0; i < count; ++i) {
    names.insert(entries[i].name);
    members.insert(reinterpret_cast<char*>(&(layout.*entries[i].member)) -
                   reinterpret_cast<char*>(&layout));
  }
  CHECK(names.size() == count);
  // All entries except the three numbers that select the row.
  CHECK(members.size() == sizeof(Layout) / sizeof(int) - 3);
}

TEST_CASE("a row whose code kinds are not consecutive is refused") {
  std::string reason;
  Layout layout = *FindLayout(127, "12.4", &reason);
  CHECK(CheckConstants(layout, &reason));
  ++layout.kind_maglev;
  CHECK_FALSE(CheckConstants(layout, &reason));
  CHECK(reason.find("kind_maglev") != std::string::npos);
}

}  // namespace
}  // namespace tracemalloc
