// SPDX-License-Identifier: MIT
#include "layout/heap_view.h"

#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

constexpr uintptr_t kPage = 4096;

}  // namespace

bool HeapView::CopyIfMapped(uintptr_t address, void* to, size_t size) const {
  if (memory_ == Memory::kForeign) return SafeRead(address, to, size);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // A stray pointer may lead into the sanitizer's own memory, which is mapped but must not be read.
  return SafeRead(address, to, size);
#else
  if (!IsMapped(address, size)) return false;
  std::memcpy(to, reinterpret_cast<const void*>(address), size);
  return true;
#endif
}

bool HeapView::IsMapped(uintptr_t address, size_t size) const {
  if (size == 0) return true;
  const uintptr_t last = address + size - 1;
  if (address < kPage || last < address) return false;
  for (uintptr_t page = address / kPage; page <= last / kPage; ++page) {
    uintptr_t& known = mapped_pages_[page % mapped_pages_.size()];
    if (known == page) continue;
    if (!IsReadable(page * kPage)) return false;
    known = page;
  }
  return true;
}

}  // namespace tracemalloc
