// SPDX-License-Identifier: MIT
// The names of an object literal's properties, in their order: in V8's description of the literal,
// and in an object that the literal may have made.
#ifndef TRACEMALLOC_LAYOUT_BYTECODE_LITERAL_NAMES_H_
#define TRACEMALLOC_LAYOUT_BYTECODE_LITERAL_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracemalloc {

class HeapView;

// A name and its value, tagged. Names that are small integers are elements.
struct LiteralProperty {
  uintptr_t name;
  uintptr_t value;
};

// The constant properties of a literal, up to the first computed one. False: it can't be read.
bool ReadLiteral(const HeapView& heap, uintptr_t description,
                 std::vector<LiteralProperty>* properties);

// How many properties its objects have room for in themselves, computed ones included; a spread
// counts as one. False: it can't be read. (V8 14.6, Factory::NewObjectBoilerplateDescription.)
bool ReadLiteralRoom(const HeapView& heap, uintptr_t description, int32_t* room);

// The elements in an array literal's description: their count, and those that are constants.
bool ReadArrayLiteral(const HeapView& heap, uintptr_t description, int32_t* length,
                      std::vector<uintptr_t>* elements);

class PropertyNames {
 public:
  PropertyNames();

  // The names of the object's own properties, tagged, oldest first. False: not known for this V8,
  // or kept in a table.
  bool Of(const HeapView& heap, uintptr_t object, std::vector<uintptr_t>* names) const;
  // For how many properties there is room in the object itself.
  bool RoomOf(const HeapView& heap, uintptr_t object, size_t* room) const;
  // Whether the object began without names, as `{}` does. Objects of literals with names have
  // another first map.
  bool BeganEmpty(const HeapView& heap, uintptr_t object) const;
  // Whether the object began with another prototype than Object.prototype, as those of
  // Object.create() do, and instances of a class that extends Object.
  bool BeganDerived(const HeapView& heap, uintptr_t object) const;

 private:
  // How many properties the map has. False: not known, or they are kept in a table.
  bool CountOf(const HeapView& heap, uintptr_t map, int32_t* count) const;
  // The object's map before it had properties of its own, and the first map of objects of its
  // constructor.
  bool FirstMaps(const HeapView& heap, uintptr_t object, uintptr_t* first,
                 uintptr_t* initial) const;

  int descriptors_;  // offsets; -1: not exported by this V8
  int size_in_words_;
  int bit_field3_;
  int header_size_;
  int dictionary_shift_;
  int count_mask_;
  int count_shift_;
  int key_;
  int entry_words_;
  int initial_map_;  // of a constructor
};

// Whether it is a string of these characters.
bool IsText(const HeapView& heap, uintptr_t string, const char* text);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_BYTECODE_LITERAL_NAMES_H_
