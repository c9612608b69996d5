// SPDX-License-Identifier: MIT
#include "layout/frames/code_lookup.h"

#include <algorithm>
#include <cstring>

#include "layout/heap_view.h"
#include "layout/machine/architecture.h"
#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

constexpr uintptr_t kPage = 4096;
constexpr uintptr_t kLongestCode = 16 << 20;
constexpr uint32_t kKindMask = 15;
constexpr int kMostCodeBytes = 128;  // of a Code object, up to the last field that is read

// Whether `code` is the Code object of the instructions that start there.
bool Matches(const HeapView& heap, uintptr_t code, uintptr_t start, uintptr_t pc, CodeObject* to) {
  const Layout& layout = heap.layout();
  // At once, since each read is a system call.
  uint8_t fields[kMostCodeBytes];
  const size_t bytes =
      std::max({layout.code_start, layout.code_stream, layout.code_size, layout.code_flags}) +
      sizeof(uintptr_t);
  if (bytes > sizeof(fields) || !heap.Copy(code - 1, fields, bytes)) return false;
  const auto field = [&fields](int offset, auto* to) {
    std::memcpy(to, fields + offset, sizeof(*to));
  };
  uintptr_t instructions;
  uintptr_t stream;
  int32_t size;
  uint32_t flags;
  field(layout.code_start, &instructions);
  field(layout.code_stream, &stream);
  field(layout.code_size, &size);
  field(layout.code_flags, &flags);
  if (instructions != start || stream != start - layout.stream_header + 1 || size <= 0 ||
      pc > start + size || !heap.HasType(code, layout.type_code)) {
    return false;
  }
  const int kind = static_cast<int>(flags & kKindMask);
  to->object = code;
  to->start = start;
  to->size = size;
  to->tier = kind == layout.kind_baseline   ? Tier::kBaseline
             : kind == layout.kind_maglev   ? Tier::kMaglev
             : kind == layout.kind_turbofan ? Tier::kTurbofan
                                            : Tier::kOther;
  return true;
}

}  // namespace

const char* TierName(Tier tier) {
  switch (tier) {
    case Tier::kInterpreter:
      return "ignition";
    case Tier::kBaseline:
      return "sparkplug";
    case Tier::kMaglev:
      return "maglev";
    case Tier::kTurbofan:
      return "turbofan";
    case Tier::kOther:
      break;
  }
  return "other";
}

const CodeObject* CodeLookup::Find(const HeapView& heap, uintptr_t pc) {
  auto it = known_.upper_bound(pc);
  if (it != known_.begin()) {
    const CodeObject& code = (--it)->second;
    if (pc <= code.start + code.size) return &code;
  }
  CodeObject code;
  if (!Search(heap, pc, &code)) return nullptr;
  return &(known_[code.start] = code);
}

bool CodeLookup::Search(const HeapView& heap, uintptr_t pc, CodeObject* code) const {
  const Layout& layout = heap.layout();
  // Words of machine code can look like pointers, and these may point anywhere.
  const HeapView foreign(&layout, Memory::kForeign);
  uint8_t bytes[kPage];
  uintptr_t page = ~uintptr_t{0};
  // A return address may be the first byte after code that ends in a call.
  for (uintptr_t start = (pc - 1) & ~(kCodeAlignment - 1); pc - start < kLongestCode;
       start -= kCodeAlignment) {
    const uintptr_t field = start - layout.stream_header + layout.stream_code;
    if ((field & ~(kPage - 1)) != page) {
      page = field & ~(kPage - 1);
      if (!SafeRead(page, bytes, kPage)) return false;
    }
    uintptr_t candidate;
    if (field - page > kPage - sizeof(candidate)) continue;
    std::memcpy(&candidate, bytes + (field - page), sizeof(candidate));
    if (HeapView::IsHeapObject(candidate) && Matches(foreign, candidate, start, pc, code)) {
      return true;
    }
  }
  return false;
}

}  // namespace tracemalloc
