// SPDX-License-Identifier: MIT
// A page of the heap, copied, and which object each of its words belongs to.
#ifndef TRACEMALLOC_RETAINERS_COPIED_PAGE_H_
#define TRACEMALLOC_RETAINERS_COPIED_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "retainers/heap_objects.h"

namespace tracemalloc {

class CopiedPage {
 public:
  explicit CopiedPage(HeapObjects* objects) : objects_(objects) {}

  // The next page does not follow the one before: no object reaches from there into it.
  void BeginRange() { large_begin_ = large_end_ = 0; }
  // Replaces the copy. False if the memory can't be read; the copy is of no use then.
  bool Read(uintptr_t begin, uintptr_t end);

  uintptr_t end() const { return end_; }
  // The word at an address within the page.
  uintptr_t Word(uintptr_t address) const { return words_[(address - begin_) / kWord]; }
  // The object that a word belongs to, tagged; 0: none is found. Calls `poll` at each step.
  template <typename Poll>
  uintptr_t OwnerOf(uintptr_t slot, Poll poll);

 private:
  static constexpr uintptr_t kWord = 8;

  void LookAtLargeObject();

  HeapObjects* objects_;
  std::vector<uintptr_t> words_;
  uintptr_t begin_ = 0;
  uintptr_t end_ = 0;
  uintptr_t large_begin_ = 0;  // the last large object
  uintptr_t large_end_ = 0;
  uintptr_t owner_ = 0;  // the last result of OwnerOf, to `owner_end_`
  uintptr_t owner_end_ = 0;
};

template <typename Poll>
uintptr_t CopiedPage::OwnerOf(uintptr_t slot, Poll poll) {
  if (slot >= large_begin_ && slot < large_end_) return large_begin_ | 1;
  if (owner_ != 0 && slot >= owner_ && slot < owner_end_) return owner_ | 1;
  for (uintptr_t at = slot; at >= begin_; at -= kWord) {
    const uintptr_t word = Word(at);
    if (!HeapView::IsHeapObject(word)) continue;
    poll();
    const HeapObjects::Shape shape = objects_->ShapeOfMap(word);
    if (shape.type < 0) continue;
    const size_t size = objects_->SizeOf(at | 1, shape);
    if (at + size <= slot) continue;
    // Other objects' sizes may be a guess, and a map may be a field of another object, as a
    // function's is.
    if (objects_->IsArray(shape)) {
      owner_ = at;
      owner_end_ = at + size;
    }
    return at | 1;
  }
  return 0;
}

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_COPIED_PAGE_H_
