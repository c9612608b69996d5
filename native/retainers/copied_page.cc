// SPDX-License-Identifier: MIT
#include "retainers/copied_page.h"

#include <algorithm>

#include "layout/safe_read.h"
#include "retainers/heap_pages.h"

namespace tracemalloc {
namespace {

// A page's header is shorter; before V8 12 the page's mark bits are in it, 4 KiB.
constexpr uintptr_t kMostHeader = 16 << 10;
constexpr uintptr_t kLargeObject = 64 << 10;

}  // namespace

bool CopiedPage::Read(uintptr_t begin, uintptr_t end) {
  words_.resize(kHeapPage / kWord);
  if (!SafeRead(begin, words_.data(), end - begin)) return false;
  begin_ = begin;
  end_ = end;
  owner_ = owner_end_ = 0;
  LookAtLargeObject();
  return true;
}

// Whether the page begins with a large object, or lies in one.
void CopiedPage::LookAtLargeObject() {
  if (begin_ < large_end_) return;
  const uintptr_t last = std::min(end_, begin_ + kMostHeader);
  for (uintptr_t at = begin_; at + 2 * kWord <= last; at += kWord) {
    const uintptr_t word = Word(at);
    if (!HeapView::IsHeapObject(word)) continue;
    const HeapObjects::Shape shape = objects_->ShapeOfMap(word);
    if (shape.type < 0) continue;
    const size_t size = objects_->SizeOf(at | 1, shape);
    if (objects_->IsArray(shape) && size >= kLargeObject) {
      large_begin_ = at;
      large_end_ = at + size;
    }
    return;
  }
}

}  // namespace tracemalloc
