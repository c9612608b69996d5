// SPDX-License-Identifier: MIT
// The entry point of the C++ unit tests.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
