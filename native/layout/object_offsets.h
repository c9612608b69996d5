// SPDX-License-Identifier: MIT
// Where V8's heap objects have their fields, and what some of these hold: alike from V8 11.3 to
// 14.6 on 64-bit platforms without pointer compression, so no version table has them. Offsets are
// in bytes, from an object's untagged address.
#ifndef TRACEMALLOC_LAYOUT_OBJECT_OFFSETS_H_
#define TRACEMALLOC_LAYOUT_OBJECT_OFFSETS_H_

#include <cstdint>

namespace tracemalloc {

constexpr int kMapInstanceType = 12;
constexpr int kMapPrototype = 24;
constexpr int kMapConstructorOrBackPointer = 32;
constexpr int kMapRead = 16;  // what a map says of its objects' size and type lies before this
// A bit of a map's second bit field: `new` was applied to the constructor itself, not to a class
// that is derived from it.
constexpr uint8_t kNewTargetIsBase = 1;

constexpr int kArrayLength = 8;  // a Smi, in every array-like object
constexpr int kArrayData = 16;
constexpr uint32_t kPropertyArrayLengthMask = 0x3ff;  // its length shares the word with a hash
constexpr int kStringLength = 12;                     // 32 bits

constexpr int kContextScopeInfo = 16;
constexpr int kContextPrevious = 24;
// Of a ScopeInfo: with this many variables or more, their names are in a separate table.
constexpr int32_t kMostInlineNames = 75;

constexpr int kScriptTypeNormal = 2;  // the others are V8's own, the inspector's, WebAssembly's

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_OBJECT_OFFSETS_H_
