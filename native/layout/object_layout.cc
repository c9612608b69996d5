// SPDX-License-Identifier: MIT
#include "layout/object_layout.h"

#include <cstring>
#include <string>

#include "layout/object_offsets.h"
#include "layout/safe_read.h"

namespace tracemalloc {

namespace {

constexpr size_t kWord = sizeof(uintptr_t);

// Within a map, untagged.
constexpr size_t kMapSizeInWords = 8;

// Within an object, untagged.
constexpr size_t kLength = 8;  // a small integer, in the upper half

constexpr int kStringShapeMask = 7 | 8;  // representation and encoding; checked in Init
constexpr int kSeqTwoByte = 0;
constexpr int kSeqOneByte = 8;
constexpr int kStringRepresentationMask = 7;
constexpr int kConsString = 1;
constexpr int kThinString = 5;

template <typename T>
T Load(uintptr_t address) {
  T value;
  std::memcpy(&value, reinterpret_cast<const void*>(address), sizeof(value));
  return value;
}

bool IsHeapPointer(uintptr_t tagged) { return (tagged & 7) == 1 && tagged >> 47 == 0; }

size_t AlignUp(size_t size) { return (size + kWord - 1) & ~(kWord - 1); }

bool HasValue(const char* name, int expected) {
  int value;
  return V8DebugConstant(name, &value) && value == expected;
}

}  // namespace

Status ObjectLayout::SetShape(const char* type, Shape shape) {
  int number;
  if (!V8DebugConstant(type, &number) || number < 0 || number >= static_cast<int>(kTypes)) {
    return Status::Error(StatusCode::kUnsupportedPlatform,
                         std::string("this V8 does not tell the number of ") + type);
  }
  shapes_[number] = shape;
  return Status::Ok();
}

Status ObjectLayout::Init() {
  int first_nonstring, first_context, last_context, memento;
  if (!HasValue("StringRepresentationMask", 7) || !HasValue("StringEncodingMask", 8) ||
      !HasValue("SeqStringTag", 0) || !HasValue("ConsStringTag", kConsString) ||
      !HasValue("ThinStringTag", kThinString) || !HasValue("OneByteStringTag", kSeqOneByte) ||
      !V8DebugConstant("FirstNonstringType", &first_nonstring) ||
      first_nonstring > static_cast<int>(kTypes) ||
      !V8DebugConstant("FirstContextType", &first_context) ||
      !V8DebugConstant("LastContextType", &last_context) || first_context < first_nonstring ||
      last_context >= static_cast<int>(kTypes) ||
      !V8DebugConstant("type_JSArrayBuffer__JS_ARRAY_BUFFER_TYPE", &array_buffer_) ||
      !V8DebugConstant("type_ByteArray__BYTE_ARRAY_TYPE", &byte_array_) ||
      !V8DebugConstant("type_AllocationMemento__ALLOCATION_MEMENTO_TYPE", &memento) ||
      memento < 0 || memento >= static_cast<int>(kTypes)) {
    return Status::Error(StatusCode::kUnsupportedPlatform,
                         "this V8 does not tell the layout of its strings and contexts");
  }
  first_nonstring_ = first_nonstring;
  for (int type = 0; type < first_nonstring; type++) {
    const int shape = type & kStringShapeMask;
    if (shape == kSeqOneByte) shapes_[type] = Shape::kOneByteString;
    if (shape == kSeqTwoByte) shapes_[type] = Shape::kTwoByteString;
  }
  // A native context has a larger header, and is never part of a group.
  int native_context;
  if (!V8DebugConstant("type_NativeContext__NATIVE_CONTEXT_TYPE", &native_context)) {
    native_context = -1;
  }
  for (int type = first_context; type <= last_context; type++) {
    if (type != native_context) shapes_[type] = Shape::kWords;
  }
  is_unused_[memento] = true;
  constexpr struct {
    const char* type;
    Shape shape;
  } kShapes[] = {
      {"type_FixedArray__FIXED_ARRAY_TYPE", Shape::kWords},
      {"type_FixedDoubleArray__FIXED_DOUBLE_ARRAY_TYPE", Shape::kWords},
      {"type_WeakFixedArray__WEAK_FIXED_ARRAY_TYPE", Shape::kWords},
      {"type_WeakArrayList__WEAK_ARRAY_LIST_TYPE", Shape::kWordsThree},
      {"type_SloppyArgumentsElements__SLOPPY_ARGUMENTS_ELEMENTS_TYPE", Shape::kWordsFour},
      {"type_PropertyArray__PROPERTY_ARRAY_TYPE", Shape::kPropertyArray},
      {"type_ByteArray__BYTE_ARRAY_TYPE", Shape::kBytes},
  };
  for (const auto& [type, shape] : kShapes) {
    const Status status = SetShape(type, shape);
    if (!status.ok()) return status;
  }
  SetShape("type_ArrayList__ARRAY_LIST_TYPE", Shape::kWordsThree);  // since V8 12
  return Status::Ok();
}

const ObjectLayout::Map* ObjectLayout::FindMap(uintptr_t address) {
  if (!IsHeapPointer(address)) return nullptr;
  Map& map = maps_[(address >> 3) % kMaps];
  if (map.address == address) return &map;
  // The map of any map is the meta map, which is its own map.
  char content[kMapRead];
  uintptr_t meta, meta_meta;
  if (!SafeRead(address - 1, content, sizeof(content))) return nullptr;
  std::memcpy(&meta, content, sizeof(meta));
  if (!IsHeapPointer(meta) || !SafeRead(meta - 1, &meta_meta) || meta_meta != meta) return nullptr;
  map.address = address;
  std::memcpy(&map.instance_type, content + kMapInstanceType, sizeof(map.instance_type));
  std::memcpy(&map.size_in_words, content + kMapSizeInWords, sizeof(map.size_in_words));
  const bool is_known = map.instance_type < kTypes;
  map.shape = is_known ? shapes_[map.instance_type] : Shape::kUnknown;
  map.is_unused = is_known && is_unused_[map.instance_type];
  return &map;
}

void ObjectLayout::LearnFiller(uintptr_t block, size_t size) {
  const Map* map = FindMap(Load<uintptr_t>(block));
  if (map == nullptr || map->instance_type >= kTypes || map->is_unused) return;
  is_unused_[map->instance_type] = true;
  if (map->size_in_words == 0) {
    const uint64_t length = Load<uint64_t>(block + kLength) >> 32;
    shapes_[map->instance_type] = length == size           ? Shape::kFreeSpaceBytes
                                  : length * kWord == size ? Shape::kFreeSpaceWords
                                                           : Shape::kUnknown;
  }
  ForgetMaps();
}

void ObjectLayout::TryShape(int first, int last, Shape shape, uintptr_t address, size_t size) {
  const auto set = [&](Shape to) {
    for (int type = first; type <= last; type++) shapes_[type] = to;
    ForgetMaps();
  };
  set(shape);
  const Extent extent = Measure(address);
  if (extent.kind != Kind::kObject || extent.size != size) set(Shape::kUnknown);
}

void ObjectLayout::LearnBigInt(uintptr_t address, size_t size) {
  const Map* map = FindMap(Load<uintptr_t>(address));
  if (map == nullptr || map->shape != Shape::kUnknown || map->instance_type >= kTypes) return;
  TryShape(map->instance_type, map->instance_type, Shape::kBigInt, address, size);
}

void ObjectLayout::LearnTables(uintptr_t address, size_t size) {
  int fixed_array;
  const Map* map = FindMap(Load<uintptr_t>(address));
  if (map == nullptr || !V8DebugConstant("type_FixedArray__FIXED_ARRAY_TYPE", &fixed_array) ||
      map->instance_type <= fixed_array || map->instance_type >= byte_array_) {
    return;
  }
  TryShape(fixed_array + 1, byte_array_ - 1, Shape::kWords, address, size);
}

bool ObjectLayout::IsString(uintptr_t address) {
  const Map* map = FindMap(Load<uintptr_t>(address));
  return map != nullptr && map->instance_type < first_nonstring_;
}

bool ObjectLayout::IsReplaceableString(uintptr_t address) {
  const Map* map = FindMap(Load<uintptr_t>(address));
  if (map == nullptr || map->instance_type >= first_nonstring_) return false;
  const int representation = map->instance_type & kStringRepresentationMask;
  return representation == kConsString || representation == kThinString;
}

bool ObjectLayout::AreBufferAndElements(uintptr_t buffer, uintptr_t elements) {
  const Map* map = FindMap(Load<uintptr_t>(buffer));
  if (map == nullptr || map->instance_type != array_buffer_) return false;
  map = FindMap(Load<uintptr_t>(elements));
  return map != nullptr && map->instance_type == byte_array_;
}

bool ObjectLayout::IsInternal(uintptr_t address) {
  const Map* map = FindMap(Load<uintptr_t>(address));
  if (map == nullptr) return false;
  switch (map->shape) {
    case Shape::kWords:
    case Shape::kWordsThree:
    case Shape::kWordsFour:
    case Shape::kPropertyArray:
    case Shape::kBytes:
      return true;
    default:
      return false;
  }
}

void ObjectLayout::ForgetMaps() { std::memset(maps_, 0, sizeof(maps_)); }

ObjectLayout::Extent ObjectLayout::Measure(uintptr_t address) {
  const Map* map = FindMap(Load<uintptr_t>(address));
  if (map == nullptr) return {Kind::kNone, 0};
  const Kind kind = map->is_unused ? Kind::kUnused : Kind::kObject;
  if (map->size_in_words != 0) return {kind, map->size_in_words * kWord};
  const uint64_t length = Load<uint64_t>(address + kLength) >> 32;
  switch (map->shape) {
    case Shape::kUnknown:
      break;
    case Shape::kWords:
      return {kind, (2 + length) * kWord};
    case Shape::kWordsThree:
      return {kind, (3 + length) * kWord};
    case Shape::kWordsFour:
      return {kind, (4 + length) * kWord};
    case Shape::kPropertyArray:
      return {kind, (2 + (length & kPropertyArrayLengthMask)) * kWord};
    case Shape::kBytes:
      return {kind, AlignUp(2 * kWord + length)};
    case Shape::kOneByteString:
      return {kind, AlignUp(2 * kWord + Load<uint32_t>(address + kStringLength))};
    case Shape::kTwoByteString:
      return {kind, AlignUp(2 * kWord + 2 * uint64_t{Load<uint32_t>(address + kStringLength)})};
    case Shape::kBigInt:
      return {kind, (2 + uint64_t{Load<uint32_t>(address + kLength) >> 1}) * kWord};
    case Shape::kFreeSpaceBytes:
      return {kind, length};
    case Shape::kFreeSpaceWords:
      return {kind, length * kWord};
  }
  return {Kind::kUnknown, 0};
}

}  // namespace tracemalloc
