// SPDX-License-Identifier: MIT
// Which samples a snapshot leaves out, and their sums by site and type.
#include "core/left_out.h"

#include <doctest/doctest.h>

namespace tracemalloc {
namespace {

TEST_CASE("left out: there is one entry for each site and type, and figures add up") {
  std::vector<LeftOut> rows{{2, 1, 10, 1, 4, 1},
                            {1, 1, 8, 2, 1, 1},
                            {2, 1, 5, 3, 2, 1},
                            {2, 0, 7, 1, 0, 1},
                            {1, 1, 8, 2, 1, 1}};
  SumLeftOut(&rows);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].site == 1);
  CHECK(rows[0].size == 16);
  CHECK(rows[0].samples == 2);
  CHECK(rows[1].type == 0);
  CHECK(rows[1].size == 7);
  CHECK(rows[2].size == 15);
  CHECK(rows[2].count == 4);
  CHECK(rows[2].variance == 6);
}

TEST_CASE("left out: there may be none") {
  std::vector<LeftOut> rows;
  SumLeftOut(&rows);
  CHECK(rows.empty());
}

TEST_CASE("ages: what existed at the first batch, or did not at the last, is not shown") {
  Ages ages;
  CHECK(ages.Show(0));
  CHECK(ages.Show(1'000'000));
  ages.since = 3;
  ages.until = 5;
  CHECK(!ages.Show(2));
  CHECK(ages.Show(3));
  CHECK(ages.Show(4));
  CHECK(!ages.Show(5));
}

}  // namespace
}  // namespace tracemalloc
