// SPDX-License-Identifier: MIT
// What the words of a heap object say about it: its type, its size, the object that a word belongs
// to. Reads fail safely, whatever the memory holds, so another thread than the isolate's may ask;
// what that thread learns may be out of date, and counts only once it is confirmed.
#ifndef TRACEMALLOC_RETAINERS_HEAP_OBJECTS_H_
#define TRACEMALLOC_RETAINERS_HEAP_OBJECTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "layout/bytecode/function_range.h"
#include "layout/heap_view.h"
#include "retainers/heap_numbers.h"

namespace tracemalloc {

// Objects are named by their tagged address.
class HeapObjects {
 public:
  // What a map says about the objects that have it.
  struct Shape {
    int type = -1;  // -1: there is no map
    uint8_t size_in_words = 0;
    uint8_t first_property = 0;  // in words, within the object
  };

  HeapObjects(const HeapNumbers* numbers, Memory memory)
      : numbers_(numbers), heap_(numbers->layout, memory) {}

  const HeapNumbers& numbers() const { return *numbers_; }
  const HeapView& heap() const { return heap_; }

  // From now on words are read from copies of their pages, made once, until `Forget`: on the
  // isolate's thread, while nothing of V8's runs there.
  void KeepCopies() { copies_.resize(kCopies); }
  // 0 if it can't be read.
  uintptr_t Word(uintptr_t object, int offset) const;
  // What `map` says; remembered until `Forget`.
  Shape ShapeOfMap(uintptr_t map);
  Shape ShapeOf(uintptr_t object) { return ShapeOfMap(Word(object, 0)); }
  int TypeOf(uintptr_t object) { return ShapeOf(object).type; }
  // At most the true size where the type's size is not known here, but at least a header.
  size_t SizeOf(uintptr_t object, const Shape& shape) const;

  // An array or table of references, whose size is known.
  bool IsArray(const Shape& shape) const;
  bool IsString(uintptr_t object);
  // A function, with JavaScript code or without.
  bool IsFunction(uintptr_t object);
  // A scope that is inside no other scope but V8's own.
  bool IsOutermostScope(uintptr_t object);
  // A module, the scope of its top-level code, the global object, or V8's native context.
  // `closure`: a function in this scope, without which that of a CommonJS module is none; 0: not
  // known.
  bool IsAnchor(uintptr_t object, uintptr_t closure);
  // Whether its properties are keys and values in a table, as in an object that is used as a
  // dictionary.
  bool HasDictionary(uintptr_t object) const;
  // Whether it has so many properties that their keys may be data.
  bool HasManyProperties(uintptr_t object) const {
    return HasManyDescriptors(Word(Word(object, 0), numbers_->map_descriptors));
  }
  bool HasManyDescriptors(uintptr_t descriptors) const;
  // The key of a property that is kept in a field, counted over all fields, within the object or
  // not; 0: none, or it has a dictionary.
  uintptr_t KeyOfField(uintptr_t object, int field) const;
  // The first field whose key `is_wanted` accepts; -1: none.
  template <typename IsWanted>
  int FieldNamed(uintptr_t object, IsWanted is_wanted) const;
  // Where the text of a function's scope begins in its script; -1: unknown.
  int32_t BeginOfFunction(uintptr_t context) const;
  // The Script of a function; 0: it is not a JavaScript function.
  uintptr_t ScriptOf(uintptr_t function) const;
  uintptr_t SharedOf(uintptr_t function) const;
  // Whether the object lies in memory that V8 has freed, or that can't be read: then it is the
  // remains of a dead object. Remembered until `Forget`. A dead object may lie elsewhere, too.
  bool IsFreed(uintptr_t object);

  void Forget() {
    shapes_.clear();
    freed_.clear();
    copies_.assign(copies_.size(), {});
  }

 private:
  // Visits the key and the index of each property that is kept in a field, until `visit` returns
  // true.
  template <typename Visit>
  void ForEachField(uintptr_t object, Visit visit) const;
  bool IsInFreeSpace(uintptr_t object);
  uintptr_t CopiedWord(uintptr_t address) const;

  static constexpr size_t kCopies = 256;
  static constexpr uintptr_t kCopiedPage = 4096;
  struct PageCopy {
    uintptr_t page = 0;  // 0: none
    std::array<uintptr_t, kCopiedPage / sizeof(uintptr_t)> words;
  };

  const HeapNumbers* numbers_;
  HeapView heap_;
  FunctionRanges ranges_;
  std::unordered_map<uintptr_t, Shape> shapes_;
  std::unordered_map<uintptr_t, bool> freed_;
  mutable std::vector<PageCopy> copies_;  // by the page's number; empty: none are kept
};

template <typename Visit>
void HeapObjects::ForEachField(uintptr_t object, Visit visit) const {
  constexpr int kWord = 8;
  constexpr int kEntryWords = 3;  // key, details, value
  constexpr int kMostDescriptors = 1020;
  const uintptr_t descriptors = Word(Word(object, 0), numbers_->map_descriptors);
  int16_t count;
  if (HasDictionary(object) || !HeapView::IsHeapObject(descriptors) ||
      !heap_.Field(descriptors, kWord, &count) || count > kMostDescriptors) {
    return;
  }
  std::vector<uintptr_t> words(count < 0 ? 0 : count * kEntryWords);
  if (!heap_.Copy(descriptors - 1 + numbers_->descriptors_header, words.data(),
                  words.size() * kWord)) {
    return;
  }
  for (size_t at = 0; at < words.size(); at += kEntryWords) {
    const auto details = static_cast<uint32_t>(words[at + 1] >> 32);
    if ((details & static_cast<uint32_t>(numbers_->location_mask)) != 0) continue;
    const uint32_t index =
        (details & static_cast<uint32_t>(numbers_->index_mask)) >> numbers_->index_shift;
    if (visit(words[at], static_cast<int>(index))) return;
  }
}

template <typename IsWanted>
int HeapObjects::FieldNamed(uintptr_t object, IsWanted is_wanted) const {
  int field = -1;
  ForEachField(object, [&](uintptr_t key, int index) {
    if (!is_wanted(key)) return false;
    field = index;
    return true;
  });
  return field;
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_HEAP_OBJECTS_H_
