// SPDX-License-Identifier: MIT
// The last part of the start gate: runs small programs that call back, and then compares the
// walker's stack with V8's own, frame by frame, in every tier that this V8 compiles for. Leaves
// nothing behind.
#ifndef TRACEMALLOC_V8_WALKER_SELF_TEST_H_
#define TRACEMALLOC_V8_WALKER_SELF_TEST_H_

#include <v8.h>

#include <string>
#include <vector>

namespace tracemalloc {

class FrameReader;
enum class Tier;

// A bit for each tier whose frames were seen, and right.
using TestedTiers = unsigned;

// False with the reason at the first difference. Reads memory in checked mode only. Tiers in
// *tested are not tested again, and those that are seen are added to it. *unseen gets the tiers
// that V8 compiles for but of which no frame was seen, which are neither right nor wrong.
bool RunSelfTest(v8::Isolate* isolate, FrameReader* reader, TestedTiers* tested,
                 std::vector<Tier>* unseen, std::string* reason);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_WALKER_SELF_TEST_H_
