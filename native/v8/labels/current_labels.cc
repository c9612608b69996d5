// SPDX-License-Identifier: MIT
#include "v8/labels/current_labels.h"

#include <node_version.h>
#include <v8-internal.h>

#include <optional>

#include "v8/names/pinned_object.h"

namespace tracemalloc {

namespace {

// The frame of the asynchronous context, as a tagged value; 0: this V8 keeps none in its isolate.
uintptr_t ContextFrame(const v8::Isolate* isolate) {
#if NODE_MAJOR_VERSION >= 22
  // V8's public header has the offset (Internals::kContinuationPreservedEmbedderDataOffset).
  constexpr int kOffset = v8::internal::Internals::kContinuationPreservedEmbedderDataOffset;
  return *reinterpret_cast<const uintptr_t*>(reinterpret_cast<uintptr_t>(isolate) + kOffset);
#else
  (void)isolate;
  return 0;
#endif
}

std::optional<LabelSetId> NumberIn(const OrderedMapReader& maps, uintptr_t frame,
                                   uintptr_t storage) {
  const std::optional<uintptr_t> value = maps.Find(frame, storage);
  if (!value || !HeapView::IsSmi(*value)) return std::nullopt;
  const int32_t number = HeapView::SmiValue(*value);
  return number < 0 ? kNoLabels : static_cast<LabelSetId>(number);
}

}  // namespace

bool CurrentLabels::ReadFromContext(v8::Local<v8::Object> storage, LabelSetId expected) {
  const uintptr_t frame = ContextFrame(isolate_);
  const uintptr_t key = TaggedAddressOf(storage);
  OrderedMapReader checked(Memory::kChecked);
  if (!checked.Learn(frame, key) || NumberIn(checked, frame, key) != expected) return false;
  if (!maps_.Learn(frame, key)) return false;
  storage_.Reset(isolate_, storage);
  return true;
}

void CurrentLabels::ReadFromWord(v8::Local<v8::ArrayBuffer> memory) {
  // A std::shared_ptr of its backing store would need a newer glibc.
  memory_.Reset(isolate_, memory);
  word_ = static_cast<const uint32_t*>(memory->Data());
}

LabelSetId CurrentLabels::Now() const {
  if (word_ != nullptr) return *word_;
  if (storage_.IsEmpty()) return kNoLabels;
  return NumberIn(maps_, ContextFrame(isolate_), AddressOf(storage_) + 1).value_or(kNoLabels);
}

}  // namespace tracemalloc
