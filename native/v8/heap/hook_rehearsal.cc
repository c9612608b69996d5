// SPDX-License-Identifier: MIT
#include "v8/heap/hook_rehearsal.h"

#include <cstring>
#include <new>
#include <string>
#include <vector>

#include "layout/safe_read.h"

namespace tracemalloc {

namespace {

constexpr size_t kStringHeader = 16;
constexpr size_t kIsolateWords = 256;  // the areas lie within the first dozens

Status Failed(const std::string& what) {
  return Status::Error(StatusCode::kUnsupportedPlatform,
                       "the allocation hook failed its self-test: " + what);
}

uintptr_t AddressOf(v8::Local<v8::Value> value) {
  return *reinterpret_cast<const uintptr_t*>(*value) - 1;
}

// A field of a Map, after those of every JSObject: map, properties and elements.
uintptr_t TableOf(v8::Local<v8::Map> map) {
  constexpr size_t kTableWord = 3;
  return reinterpret_cast<const uintptr_t*>(AddressOf(map))[kTableWord] - 1;
}

}  // namespace

void HookRehearsal::OnBlock(int64_t bytes_since_last, uintptr_t address, size_t size) {
  SamplePlace place;
  points_->Locate(bytes_since_last, address, size, &place);
  try {
    layout_->LearnFiller(address, size);
  } catch (const std::bad_alloc&) {
    is_starved_ = true;
  }
  address_ = address;
  size_ = size;
  blocks_++;
}

int64_t HookRehearsal::NextDistance() {
  distances_++;
  return points_->NextDistance();
}

uintptr_t HookRehearsal::AllocateString(v8::Isolate* isolate, size_t size) {
  const std::vector<uint8_t> text(size - kStringHeader, 'a');
  address_ = 0;
  v8::Local<v8::String> string;
  if (!v8::String::NewFromOneByte(isolate, text.data(), v8::NewStringType::kNormal,
                                  static_cast<int>(text.size()))
           .ToLocal(&string)) {
    return 0;
  }
  const uintptr_t address = AddressOf(string);
  return address == address_ && size == size_ ? address : 0;
}

Status HookRehearsal::Run(v8::Isolate* isolate, AllocationAreas* areas) {
  const v8::HandleScope scope(isolate);
  points_->set_rehearsing(true);

  constexpr size_t kLongString = 1016;
  const uintptr_t string = AllocateString(isolate, kLongString);
  if (is_starved_) return Status::OutOfMemory();
  if (string == 0 || blocks_ != distances_) return Failed("a string was not reported as it is");
  const ObjectLayout::Extent extent = layout_->Measure(string);
  if (extent.kind != ObjectLayout::Kind::kObject || extent.size != kLongString) {
    return Failed("a string's size was read wrong");
  }
  // Two words: the smallest possible block, whose filler has another type than those of larger
  // ones.
  const v8::Local<v8::Value> number = v8::Number::New(isolate, 0.5);
  if (AddressOf(number) != address_ || size_ != 2 * sizeof(uintptr_t)) {
    return Failed("a number was not reported as it is");
  }

  // Types that are not reported as expected stay of unknown size.
  const uintptr_t integer = AddressOf(v8::BigInt::New(isolate, 1));
  if (integer == address_) layout_->LearnBigInt(integer, size_);
  const uintptr_t table = TableOf(v8::Map::New(isolate));
  if (table == address_) layout_->LearnTables(table, size_);

  // Finds the words of the isolate that always equal the end of the last object.
  constexpr size_t kShortString = 80;
  constexpr int kStrings = 6;
  std::vector<size_t> candidates(kIsolateWords);
  for (size_t i = 0; i < kIsolateWords; i++) candidates[i] = i;
  const uintptr_t base = reinterpret_cast<uintptr_t>(isolate);
  for (int i = 0; i < kStrings; i++) {
    const uintptr_t address = AllocateString(isolate, kShortString);
    if (address == 0) return Failed("a short string was not reported as it is");
    uintptr_t words[kIsolateWords];
    if (!SafeRead(base, words, sizeof(words))) return Failed("the isolate cannot be read");
    std::vector<size_t> remaining;
    for (size_t candidate : candidates) {
      if (words[candidate] == address + kShortString) remaining.push_back(candidate);
    }
    candidates.swap(remaining);
  }
  // The area's top, followed by its limit: as long as every block is reported, both are equal.
  // Without them all samples stand for the first object of their block: less exact, but not wrong.
  const bool is_found = candidates.size() == 2 && candidates[1] == candidates[0] + 1;
  areas->Init(is_found ? reinterpret_cast<const uintptr_t*>(base) + candidates[0] : nullptr);
  points_->set_rehearsing(false);
  return Status::Ok();
}

}  // namespace tracemalloc
