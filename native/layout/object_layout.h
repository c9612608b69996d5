// SPDX-License-Identifier: MIT
// The size of a V8 object, from its memory alone: needed where V8 must not be called (GC callbacks)
// and for objects that its API does not cover (elements, contexts, fillers).
//
// Sources of the numbers: the offsets are the same in V8 11.3 to 14.6 (64 bits, no pointer
// compression) and are checked at start on objects of known size. Instance types are constants that
// V8 exports; those of fillers are read from the blocks that V8 reports, which it fills. V8 exports
// none for BigInts and hash tables (of Maps, of objects with many properties, of WeakMaps): they
// are read from one object of each, whose size V8 has reported. The tables are fixed arrays, whose
// types are consecutive, before those of byte arrays.
#ifndef TRACEMALLOC_LAYOUT_OBJECT_LAYOUT_H_
#define TRACEMALLOC_LAYOUT_OBJECT_LAYOUT_H_

#include <cstddef>
#include <cstdint>

#include "core/status.h"

namespace tracemalloc {

class ObjectLayout {
 public:
  enum class Kind : uint8_t {
    kNone,     // not an object
    kUnknown,  // of a type whose size is not known here
    kObject,
    kUnused,  // filler, free space, allocation memento: not part of an object
  };
  struct Extent {
    Kind kind;
    size_t size;

    bool is_known() const { return size != 0 && (kind == Kind::kObject || kind == Kind::kUnused); }
  };

  // kUnsupportedPlatform if this V8 does not export what is needed.
  Status Init();

  // A block of `size` bytes has just been reported: V8 has filled it, with one of its several
  // filler types.
  void LearnFiller(uintptr_t block, size_t size);

  // Learns from a BigInt, and from the table of a Map, with their sizes. If it does not look as
  // expected, objects of its type stay of unknown size.
  void LearnBigInt(uintptr_t address, size_t size);
  void LearnTables(uintptr_t address, size_t size);

  // The object at `address`, whose first two words must be readable.
  Extent Measure(uintptr_t address);

  bool IsString(uintptr_t address);
  // Whether it is a string of two parts, which V8 joins once its characters are needed, or a
  // reference to another string.
  bool IsReplaceableString(uintptr_t address);
  // Whether they are an ArrayBuffer and a typed array's elements: no other code allocates such a
  // pair.
  bool AreBufferAndElements(uintptr_t buffer, uintptr_t elements);

  // Whether JavaScript can't refer to the object: elements, tables, contexts, ...
  bool IsInternal(uintptr_t address);

  // To be called before a garbage collection, in which maps may die or move.
  void ForgetMaps();

 private:
  // How the size of an object is found if it is not in its map.
  enum class Shape : uint8_t {
    kUnknown,
    kWords,          // a small integer counts the words after a header of two
    kWordsThree,     // the same, after a header of three
    kWordsFour,      // the same, after a header of four
    kPropertyArray,  // as kWords, but the count is only the low bits
    kBytes,          // a small integer counts the bytes after a header of two words
    kOneByteString,  // a plain integer counts the characters
    kTwoByteString,
    kBigInt,          // a plain integer counts the digits, above a bit for the sign
    kFreeSpaceBytes,  // a small integer is the size
    kFreeSpaceWords,  // the same, in words
  };
  struct Map {
    uintptr_t address;  // 0: free
    uint16_t instance_type;
    uint8_t size_in_words;  // 0: see shape
    Shape shape;
    bool is_unused;
  };
  static constexpr size_t kMaps = 256;
  static constexpr size_t kTypes = 512;  // types whose size is not in the map are below this

  Status SetShape(const char* type, Shape shape);
  // Sets the shape of types [first, last]; undone if the object at `address` then has not this
  // size.
  void TryShape(int first, int last, Shape shape, uintptr_t address, size_t size);
  // Null if there is no map at `address`.
  const Map* FindMap(uintptr_t address);

  int first_nonstring_ = 0;
  int array_buffer_ = 0;
  int byte_array_ = 0;
  Shape shapes_[kTypes] = {};
  bool is_unused_[kTypes] = {};
  Map maps_[kMaps] = {};
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_OBJECT_LAYOUT_H_
