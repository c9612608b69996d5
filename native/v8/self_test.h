// SPDX-License-Identifier: MIT
// The last part of the start gate: runs a small generated program whose calls come back here, and
// compares the walker's stack with V8's own, frame by frame. Leaves nothing behind.
#ifndef TRACEMALLOC_V8_SELF_TEST_H_
#define TRACEMALLOC_V8_SELF_TEST_H_

#include <v8.h>

#include <string>

namespace tracemalloc {

class FrameReader;

// False with the reason at the first difference. Reads memory in checked mode only.
bool RunSelfTest(v8::Isolate* isolate, FrameReader* reader, std::string* reason);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_SELF_TEST_H_
