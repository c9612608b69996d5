// SPDX-License-Identifier: MIT
#include "retainers/heap_objects.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "layout/object_offsets.h"
#include "retainers/heap_pages.h"

namespace tracemalloc {
namespace {

constexpr size_t kWord = 8;
constexpr size_t kMostShapes = 1 << 17;
constexpr size_t kMostBytes = 1 << 30;     // of V8's largest arrays
constexpr size_t kHeaderOfUnknown = 4096;  // an object of unknown size may be as large as that

// Within a map, untagged; the same in V8 11.3 to 14.6.
constexpr size_t kSizeInWords = 8;
constexpr size_t kFirstProperty = 9;

}  // namespace

uintptr_t HeapObjects::Word(uintptr_t object, int offset) const {
  if (!HeapView::IsHeapObject(object)) return 0;
  const uintptr_t address = object - 1 + offset;
  if (!copies_.empty() && address % kWord == 0) return CopiedWord(address);
  uintptr_t word;
  return heap_.Load(address, &word) ? word : 0;
}

uintptr_t HeapObjects::CopiedWord(uintptr_t address) const {
  const uintptr_t page = address & ~(kCopiedPage - 1);
  PageCopy& copy = copies_[page / kCopiedPage % kCopies];
  if (copy.page != page) {
    copy.page = 0;
    if (!heap_.Copy(page, copy.words.data(), kCopiedPage)) return 0;
    copy.page = page;
  }
  return copy.words[(address - page) / kWord];
}

HeapObjects::Shape HeapObjects::ShapeOfMap(uintptr_t map) {
  if (!HeapView::IsHeapObject(map)) return {};
  const auto known = shapes_.find(map);
  if (known != shapes_.end()) return known->second;
  if (shapes_.size() >= kMostShapes) shapes_.clear();
  Shape shape;
  char content[kMapRead];
  uintptr_t meta;
  uintptr_t meta_meta;
  // The map of any map is a meta map, which is its own map.
  if (heap_.Copy(map - 1, content, sizeof(content))) {
    std::memcpy(&meta, content, sizeof(meta));
    if (HeapView::IsHeapObject(meta) && heap_.Field(meta, 0, &meta_meta) && meta_meta == meta) {
      uint16_t type;
      std::memcpy(&type, content + kMapInstanceType, sizeof(type));
      shape.type = type;
      shape.size_in_words = static_cast<uint8_t>(content[kSizeInWords]);
      shape.first_property = static_cast<uint8_t>(content[kFirstProperty]);
    }
  }
  shapes_[map] = shape;
  return shape;
}

size_t HeapObjects::SizeOf(uintptr_t object, const Shape& shape) const {
  if (shape.size_in_words != 0) return shape.size_in_words * kWord;
  const uintptr_t length = Word(object, kArrayLength);
  if (shape.type == numbers_->property_array) {
    return (2 + ((length >> 32) & kPropertyArrayLengthMask)) * kWord;
  }
  if (shape.type < numbers_->first_nonstring) {
    return std::min(2 * kWord + (length >> 32), kMostBytes);
  }
  if (HeapView::IsSmi(length) && HeapView::SmiValue(length) >= 0) {
    return std::min((2 + (length >> 32)) * kWord, kMostBytes);
  }
  return kHeaderOfUnknown;
}

bool HeapObjects::IsArray(const Shape& shape) const {
  return shape.size_in_words == 0 && shape.type >= numbers_->fixed_array &&
         shape.type < numbers_->byte_array;
}

bool HeapObjects::IsString(uintptr_t object) {
  const int type = TypeOf(object);
  return type >= 0 && type < numbers_->first_nonstring;
}

bool HeapObjects::IsFunction(uintptr_t object) {
  return TypeOf(object) > numbers_->api_object_last && SharedOf(object) != 0 &&
         numbers_->IsContext(TypeOf(Word(object, numbers_->function_context_offset)));
}

uintptr_t HeapObjects::SharedOf(uintptr_t function) const {
  const Layout& layout = heap_.layout();
  const uintptr_t shared = Word(function, layout.function_shared);
  return heap_.HasType(shared, layout.type_shared_function_info) ? shared : 0;
}

uintptr_t HeapObjects::ScriptOf(uintptr_t function) const {
  const Layout& layout = heap_.layout();
  const uintptr_t script = Word(SharedOf(function), layout.shared_script);
  return heap_.HasType(script, layout.type_script) ? script : 0;
}

bool HeapObjects::IsOutermostScope(uintptr_t object) {
  const int type = TypeOf(object);
  if (!numbers_->IsContext(type) || type == numbers_->native_context) return false;
  const int previous = TypeOf(Word(object, kContextPrevious));
  return previous == numbers_->native_context || previous == numbers_->script_context;
}

bool HeapObjects::IsAnchor(uintptr_t object, uintptr_t closure) {
  const HeapNumbers& n = *numbers_;
  const int type = TypeOf(object);
  if (type == n.native_context || type == n.global_object || type == n.module) return true;
  if (type != n.function_context && type != n.module_context && type != n.script_context) {
    return false;
  }
  if (type != n.function_context) return IsOutermostScope(object);
  // Node wraps a CommonJS module in a function, which begins where its text does.
  return closure != 0 && IsOutermostScope(object) && IsFunction(closure) &&
         Word(closure, n.function_context_offset) == object && ScriptOf(closure) != 0 &&
         BeginOfFunction(object) == 0;
}

bool HeapObjects::HasDictionary(uintptr_t object) const {
  uint32_t bits;
  return heap_.Field(Word(object, 0), numbers_->map_bit_field3, &bits) &&
         ((bits >> numbers_->dictionary_shift) & 1) != 0;
}

int32_t HeapObjects::BeginOfFunction(uintptr_t context) const {
  const uintptr_t scope = Word(context, kContextScopeInfo);
  FunctionRange range;
  if (!heap_.HasType(scope, numbers_->scope_info)) return -1;
  return ranges_.OfFunctionScope(heap_, scope, &range) ? range.begin : -1;
}

bool HeapObjects::HasManyDescriptors(uintptr_t descriptors) const {
  constexpr int kMany = 64;
  int16_t count;
  return !HeapView::IsHeapObject(descriptors) ||
         !heap_.Field(descriptors, static_cast<int>(kWord), &count) || count > kMany;
}

uintptr_t HeapObjects::KeyOfField(uintptr_t object, int field) const {
  uintptr_t found = 0;
  ForEachField(object, [&](uintptr_t key, int index) {
    if (index == field) found = key;
    return index == field;
  });
  return found;
}

bool HeapObjects::IsFreed(uintptr_t object) {
  const auto known = freed_.find(object);
  if (known != freed_.end()) return known->second;
  const bool is_freed = IsInFreeSpace(object);
  if (freed_.size() >= kMostShapes) freed_.clear();
  freed_[object] = is_freed;
  return is_freed;
}

bool HeapObjects::IsInFreeSpace(uintptr_t object) {
  const uintptr_t page = (object - 1) & ~(kHeapPage - 1);
  std::vector<uintptr_t> words((object - 1 - page) / kWord);
  if (words.empty()) return false;
  if (!heap_.Copy(page, words.data(), words.size() * kWord)) return true;
  for (size_t i = 0; i + 1 < words.size(); i++) {
    if (!HeapView::IsHeapObject(words[i]) || !HeapView::IsSmi(words[i + 1]) ||
        ShapeOfMap(words[i]).type != numbers_->free_space) {
      continue;
    }
    // In bytes, or since V8 14 in words: behind it is another object.
    const uintptr_t at = page + i * kWord;
    const auto size = static_cast<uintptr_t>(words[i + 1] >> 32);
    const bool is_in_bytes = heap_.layout().v8_major < 14;
    if (at + (is_in_bytes ? size : size * kWord) > object - 1) return true;
  }
  return false;
}

}  // namespace tracemalloc
