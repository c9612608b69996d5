// SPDX-License-Identifier: MIT
#include "layout/bytecode/literal_names.h"

#include <algorithm>
#include <cstring>

#include "layout/heap_view.h"
#include "layout/object_offsets.h"
#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

// Before V8 12 a literal's pairs of names and values follow a word of flags in an ordinary array,
// since then the flags are in the header.
constexpr int kFirstPairBefore12 = kArrayData + 8;
constexpr int kRoom = 16;
constexpr int kFirstPair = 32;
constexpr int kArrayElements = 16;
constexpr int32_t kMostNames = 1 << 12;
constexpr int kStringText = 16;
constexpr int kWord = 8;

}  // namespace

bool ReadLiteral(const HeapView& heap, uintptr_t description,
                 std::vector<LiteralProperty>* properties) {
  properties->clear();
  const bool has_header = heap.layout().v8_major >= 12;
  const int first = has_header ? kFirstPair : kFirstPairBefore12;
  int32_t length;
  if (!heap.SmiField(description, kArrayLength, &length)) return false;
  const int32_t pairs = (has_header ? length : length - 1) / 2;
  if (pairs > kMostNames) return false;
  for (int32_t i = 0; i < pairs; ++i) {
    LiteralProperty property;
    const int at = first + 2 * kWord * i;
    if (!heap.Field(description, at, &property.name) ||
        !heap.Field(description, at + kWord, &property.value)) {
      return false;
    }
    properties->push_back(property);
  }
  return true;
}

bool ReadLiteralRoom(const HeapView& heap, uintptr_t description, int32_t* room) {
  if (heap.layout().v8_major >= 12) return heap.SmiField(description, kRoom, room);
  int32_t length;
  if (!heap.SmiField(description, kArrayLength, &length) || length < 1) return false;
  // It is the last element where it is not the number of pairs.
  if (length % 2 == 0) {
    return heap.SmiField(description, kArrayData + kWord * (length - 1), room);
  }
  *room = (length - 1) / 2;
  return true;
}

bool ReadArrayLiteral(const HeapView& heap, uintptr_t description, int32_t* length,
                      std::vector<uintptr_t>* elements) {
  elements->clear();
  uintptr_t array;
  if (!heap.Field(description, kArrayElements, &array) || !HeapView::IsHeapObject(array) ||
      !heap.SmiField(array, kArrayLength, length) || *length < 0) {
    return false;
  }
  for (int32_t i = 0; i < std::min(*length, kMostNames); ++i) {
    uintptr_t element;
    if (!heap.Field(array, kArrayData + kWord * i, &element)) return false;
    elements->push_back(element);
  }
  return true;
}

PropertyNames::PropertyNames()
    : descriptors_(V8DebugConstant({"class_Map__instance_descriptors_offset"})),
      size_in_words_(V8DebugConstant({"class_Map__instance_size_in_words__char"})),
      bit_field3_(V8DebugConstant({"class_Map__bit_field3__int"})),
      header_size_(V8DebugConstant({"class_DescriptorArray__header_size__uintptr_t"})),
      dictionary_shift_(V8DebugConstant({"bit_field3_is_dictionary_map_shift"})),
      count_mask_(V8DebugConstant({"bit_field3_number_of_own_descriptors_mask"})),
      count_shift_(V8DebugConstant({"bit_field3_number_of_own_descriptors_shift"})),
      key_(V8DebugConstant({"prop_desc_key"})),
      entry_words_(V8DebugConstant({"prop_desc_size"})),
      initial_map_(V8DebugConstant(
          {"class_JSFunction__prototype_or_initial_map__HeapObject",
           "class_JSFunction__prototype_or_initial_map__Tagged_HeapObject_",
           "class_JSFunction__prototype_or_initial_map__Tagged_UnionOf_JSPrototype_Map_Hole_",
           "class_JSFunction__prototype_or_initial_map__Tagged_UnionOf_JSPrototype_Map_"
           "TheHole_"})) {}

bool PropertyNames::Of(const HeapView& heap, uintptr_t object,
                       std::vector<uintptr_t>* names) const {
  names->clear();
  if (std::min({descriptors_, header_size_, key_, entry_words_}) < 0) return false;
  uintptr_t map;
  uintptr_t descriptors;
  int32_t count;
  if (!heap.Field(object, 0, &map) || !HeapView::IsHeapObject(map) || !CountOf(heap, map, &count) ||
      !heap.Field(map, descriptors_, &descriptors) || !HeapView::IsHeapObject(descriptors)) {
    return false;
  }
  for (int i = 0; i < count; ++i) {
    uintptr_t name;
    if (!heap.Field(descriptors, header_size_ + kWord * (entry_words_ * i + key_), &name) ||
        !HeapView::IsHeapObject(name)) {
      return false;
    }
    names->push_back(name);
  }
  return true;
}

bool PropertyNames::CountOf(const HeapView& heap, uintptr_t map, int32_t* count) const {
  uint32_t bits;
  if (std::min({bit_field3_, dictionary_shift_, count_mask_, count_shift_}) < 0 ||
      !heap.Field(map, bit_field3_, &bits) || ((bits >> dictionary_shift_) & 1) != 0) {
    return false;
  }
  *count = static_cast<int32_t>((bits & static_cast<uint32_t>(count_mask_)) >> count_shift_);
  return true;
}

bool PropertyNames::RoomOf(const HeapView& heap, uintptr_t object, size_t* room) const {
  constexpr uint8_t kHeaderWords = 3;  // map, properties, elements
  uintptr_t map;
  uint8_t words;
  if (size_in_words_ < 0 || !heap.Field(object, 0, &map) ||
      !heap.Field(map, size_in_words_, &words) || words < kHeaderWords) {
    return false;
  }
  *room = words - kHeaderWords;
  return true;
}

bool PropertyNames::FirstMaps(const HeapView& heap, uintptr_t object, uintptr_t* first,
                              uintptr_t* initial) const {
  uintptr_t map;
  uintptr_t meta_map;
  if (initial_map_ < 0 || !heap.Field(object, 0, &map) || !heap.Field(map, 0, &meta_map)) {
    return false;
  }
  // A map that was made by adding a property points to the previous one.
  *first = map;
  uintptr_t constructor = map;
  for (int32_t i = 0; i <= kMostNames; ++i) {
    uintptr_t own_map;
    if (!heap.Field(constructor, 0, &own_map)) return false;
    if (own_map != meta_map) break;
    *first = constructor;
    if (!heap.Field(*first, kMapConstructorOrBackPointer, &constructor) ||
        !HeapView::IsHeapObject(constructor)) {
      return false;
    }
  }
  return heap.Field(constructor, initial_map_, initial);
}

bool PropertyNames::BeganEmpty(const HeapView& heap, uintptr_t object) const {
  uintptr_t first;
  uintptr_t initial;
  return !FirstMaps(heap, object, &first, &initial) || initial == first;
}

bool PropertyNames::BeganDerived(const HeapView& heap, uintptr_t object) const {
  uintptr_t first;
  uintptr_t initial;
  uintptr_t prototype;
  uintptr_t usual;
  int32_t count;
  // A literal with `__proto__` may have got its first map when it had its names already.
  return FirstMaps(heap, object, &first, &initial) && CountOf(heap, first, &count) && count == 0 &&
         heap.Field(first, kMapPrototype, &prototype) &&
         heap.Field(initial, kMapPrototype, &usual) && prototype != usual;
}

bool IsText(const HeapView& heap, uintptr_t string, const char* text) {
  const size_t size = std::strlen(text);
  uint32_t length;
  char found[32];
  return size <= sizeof(found) && heap.Field(string, kStringLength, &length) && length == size &&
         heap.Copy(string - 1 + kStringText, found, size) && std::memcmp(found, text, size) == 0;
}

}  // namespace tracemalloc
