// SPDX-License-Identifier: MIT
// Which labels an allocation gets: those that the program has given to what it is doing, known to
// native code as a number only (src/labels has their texts). Read at each sample, without a call
// into V8.
//
// Where Node keeps asynchronous context in a frame of V8's (AsyncContextFrame: Node 24 and later,
// 22 by a flag), that frame is a Map from AsyncLocalStorage objects to their values, and the number
// is the value of ours. Elsewhere JavaScript keeps the number in a word that both sides know.
#ifndef TRACEMALLOC_V8_LABELS_CURRENT_LABELS_H_
#define TRACEMALLOC_V8_LABELS_CURRENT_LABELS_H_

#include <v8.h>

#include <cstdint>

#include "core/site_table.h"
#include "layout/ordered_map.h"

namespace tracemalloc {

class CurrentLabels {
 public:
  explicit CurrentLabels(v8::Isolate* isolate) : isolate_(isolate) {}

  // From now on the number is the value of `storage` in the context's frame, where it must be
  // `expected` right now. False: it is not found, and nothing has changed.
  bool ReadFromContext(v8::Local<v8::Object> storage, LabelSetId expected);

  // From now on the number is the first word of this memory, which is kept.
  void ReadFromWord(v8::Local<v8::ArrayBuffer> memory);

  LabelSetId Now() const;

 private:
  v8::Isolate* isolate_;
  OrderedMapReader maps_{Memory::kDirect};
  v8::Global<v8::Value> storage_;  // empty: not from the context
  v8::Global<v8::ArrayBuffer> memory_;
  const uint32_t* word_ = nullptr;  // null: not from a word
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_LABELS_CURRENT_LABELS_H_
