// SPDX-License-Identifier: MIT
#include "retainers/list_links.h"

namespace tracemalloc {
namespace {

constexpr size_t kMostKinds = 8;
constexpr size_t kMostLinks = 1 << 20;
constexpr uintptr_t kWord = 8;

}  // namespace

void ListLinks::BeginPass() {
  links_.clear();
  kinds_in_pass_ = kinds_.size();
}

void ListLinks::NoteKind(uintptr_t map, uint32_t offset) {
  if (kinds_.size() >= kMostKinds) return;
  for (const Kind& kind : kinds_) {
    if (kind.map == map && kind.offset == offset) return;
  }
  kinds_.push_back({map, offset});
}

void ListLinks::Read(const CopiedPage& page, uintptr_t address) {
  const uintptr_t map = page.Word(address);
  for (size_t i = 0; i < kinds_in_pass_; i++) {
    const Kind& kind = kinds_[i];
    const uintptr_t at = address + kind.offset;
    if (map != kind.map || at + kWord > page.end() || links_.size() >= kMostLinks) continue;
    const uintptr_t to = page.Word(at);
    if (HeapView::IsHeapObject(to)) links_.push_back({address | 1, to, kind.offset});
  }
}

}  // namespace tracemalloc
