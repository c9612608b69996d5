// SPDX-License-Identifier: MIT
#include "v8/names/literal_choice.h"

#include <algorithm>

#include "layout/bytecode/literal_bytecodes.h"
#include "layout/bytecode/literal_names.h"
#include "layout/safe_read.h"
#include "v8/names/pinned_object.h"

namespace tracemalloc {
namespace {

// The kind of literal that may have made a value. 'o' is for all objects that a literal can have
// become, 'p' for their backing stores, 0 for values that no literal makes.
char KindOf(v8::Local<v8::Value> value) {
  if (value->IsArray()) return 'a';
  if (value->IsRegExp()) return 'x';
  if (value->IsFunction()) return 'f';
  if (value->IsString() || value->IsNumber() || value->IsBigInt() || value->IsSymbol()) return 0;
  if (!value->IsObject()) return 'p';
  const bool is_special =
      value->IsProxy() || value->IsDate() || value->IsMap() || value->IsSet() ||
      value->IsPromise() || value->IsArrayBufferView() || value->IsArrayBuffer() ||
      value->IsNativeError() || value->IsArgumentsObject() || value->IsGeneratorObject() ||
      value->IsMapIterator() || value->IsSetIterator() || value->IsWeakMap() || value->IsWeakSet();
  return is_special ? '\0' : 'o';
}

bool IsPlain(v8::Isolate* isolate, v8::Local<v8::Object> object) {
  const v8::String::Utf8Value name(isolate, object->GetConstructorName());
  return *name == nullptr || name.length() == 0 || std::string(*name) == "Object";
}

bool HasNames(v8::Isolate* isolate, v8::Local<v8::Object> object,
              const std::vector<std::string>& names) {
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  for (const std::string& name : names) {
    v8::Local<v8::String> key;
    if (!v8::String::NewFromUtf8(isolate, name.c_str(), v8::NewStringType::kInternalized)
             .ToLocal(&key)) {
      return false;
    }
    v8::Local<v8::Uint32> index;
    const bool has_it =
        key->ToArrayIndex(context).ToLocal(&index)
            ? object->HasRealIndexedProperty(context, index->Value()).FromMaybe(false)
            : object->HasRealNamedProperty(context, key).FromMaybe(false);
    if (!has_it) return false;
  }
  return true;
}

// The number of elements, if this is the backing store of an array; -1: it is something else.
int32_t CountOf(const HeapView& heap, uintptr_t elements) {
  static const int kTypes[] = {
      V8DebugConstant({"type_FixedArray__FIXED_ARRAY_TYPE"}),
      V8DebugConstant({"type_FixedDoubleArray__FIXED_DOUBLE_ARRAY_TYPE"}),
  };
  int32_t count;
  for (const int type : kTypes) {
    if (type < 0 || !heap.HasType(elements, type)) continue;
    return heap.SmiField(elements, kArrayLength, &count) ? count : -1;
  }
  return -1;
}

// The same for the elements of an array, including unused room.
int32_t RoomOf(const HeapView& heap, uintptr_t array) {
  constexpr int kElements = 16;  // after the map and the properties
  uintptr_t elements;
  return heap.Field(array, kElements, &elements) ? CountOf(heap, elements) : -1;
}

// An array that grows gets room for at least this many more. One that shrinks keeps its room,
// unless that is more than this, or it becomes empty. (V8 13.6, JSObject::NewElementsCapacity and
// FastElementsAccessorBase::SetLengthImpl.)
constexpr int32_t kGrowth = 16;

// Whether a backing store of that count can be the original one of a literal of `length` elements.
bool MayBeElements(int32_t length, int32_t count) {
  return length < 0 || length == count || (length >= kGrowth && count < length);
}

// Whether an array made by a literal of `length` elements can have that room by now.
bool MayHaveRoom(int32_t length, int32_t room) {
  return room <= 0 || room >= kGrowth || MayBeElements(length, room);
}

// For how many properties the object has room in itself; -1: that says nothing, since its
// properties are, or may have been, in a table.
int32_t PropertyRoomOf(const HeapView& heap, uintptr_t object) {
  static const PropertyNames known;
  std::vector<uintptr_t> names;
  size_t room;
  if (!known.Of(heap, object, &names) || !known.RoomOf(heap, object, &room) || room == 0) return -1;
  return static_cast<int32_t>(room);
}

}  // namespace

LiteralChoice::LiteralChoice(const FrameKey& key, const std::vector<PlacedBytecode>& places)
    : position_(key.position) {
  const bool is_shared = key.bytecode <= kSeveralBytecodes;
  for (const PlacedBytecode& place : places) {
    const bool is_here =
        is_shared ? place.bytecode.position == key.position : place.bytecode.offset == key.bytecode;
    if (!is_here) continue;
    if (place.objects.empty()) {
      told_.position = key.position;
      // Numbers and backing stores can be distinguished from literals by their types.
      has_stores_ = has_stores_ || place.bytecode.kind == BytecodeKind::kElement;
      if (place.bytecode.kind != BytecodeKind::kProperty &&
          place.bytecode.kind != BytecodeKind::kElement &&
          place.bytecode.kind != BytecodeKind::kNumeric &&
          place.bytecode.kind != BytecodeKind::kVariable &&
          (place.bytecode.kind != BytecodeKind::kAnything ||
           key.bytecode != kSeveralBesidesCalls)) {
        has_calls_ = true;
      }
      // A literal whose place is not known may have made any object of its kind.
      if (LiteralBytecodes::LacksPosition(place.bytecode)) {
        frames_.clear();
        return;
      }
      continue;
    }
    for (const PlacedObject& object : place.objects) {
      PlacedFrame frame;
      frame.object = object;
      frame.position = object.position;
      frames_.push_back(frame);
      has_unkinded_ = has_unkinded_ || object.kind == 0;
    }
    if (is_shared) continue;
    position_ = frames_.front().position;
    is_exact_ = place.is_exact;
  }
}

void LiteralChoice::AddPositions(std::vector<int32_t>* positions) const {
  positions->push_back(told_.position);
  for (const PlacedFrame& frame : frames_) positions->push_back(frame.position);
}

const PlacedFrame* LiteralChoice::Choose(v8::Isolate* isolate, const Layout* layout,
                                         v8::Local<v8::Value> value) const {
  const HeapView heap(layout, Memory::kChecked);
  char kind = KindOf(value);
  int32_t elements = -1;
  int32_t room = -1;
  if (kind == 'a') room = RoomOf(heap, TaggedAddressOf(value));
  if (kind == 'p') {
    elements = CountOf(heap, TaggedAddressOf(value));
    if (elements < 0 || has_calls_ || has_stores_ || has_unkinded_) return nullptr;
    kind = 'a';
  }
  int32_t function_id = -1;
  if (kind == 'f') {
    uintptr_t shared;
    if (!heap.Field(TaggedAddressOf(value), layout->function_shared, &shared) ||
        !heap.HasType(shared, layout->type_shared_function_info) ||
        !heap.Field(shared, layout->shared_literal_id, &function_id)) {
      return nullptr;
    }
  }
  const bool is_plain = kind == 'o' && IsPlain(isolate, value.As<v8::Object>());
  if (kind == 'o') room = PropertyRoomOf(heap, TaggedAddressOf(value));
  const auto may_be = [&](const PlacedObject& object) {
    return object.kind == kind &&
           (kind != 'o' || HasNames(isolate, value.As<v8::Object>(), object.names));
  };
  const bool has_room = kind == 'o' && room >= 0 &&
                        std::any_of(frames_.begin(), frames_.end(), [&](const PlacedFrame& frame) {
                          return frame.object.length == room && may_be(frame.object);
                        });
  const PlacedFrame* chosen = nullptr;
  bool has_kind = false;
  for (const PlacedFrame& frame : frames_) {
    const PlacedObject& object = frame.object;
    if (object.kind != kind || (kind == 'f' && object.function_id != function_id)) continue;
    has_kind = has_kind || kind != 'o' || is_plain;
    if (!may_be(object) || (has_room && object.length >= 0 && object.length != room)) continue;
    if (elements >= 0 && !MayBeElements(object.length, elements)) continue;
    if (kind == 'a' && !MayHaveRoom(object.length, room)) continue;
    // A call that was compiled into the code may make arrays, and objects without names. An
    // instance that has a literal's names may be that literal's object with another prototype.
    const bool is_vague = kind == 'o' ? object.names.empty() : kind == 'a';
    if (chosen != nullptr || (has_calls_ && is_vague) || (kind == 'o' && !is_plain)) return nullptr;
    chosen = &frame;
  }
  if (chosen != nullptr || has_kind) return chosen;
  return told_.position < 0 || has_unkinded_ ? nullptr : &told_;
}

bool LiteralChoice::IsOnOneLine(uint32_t* line) const {
  if (frames_.empty()) return false;
  *line = frames_.front().line;
  return *line != 0 && (told_.position < 0 || told_.line == *line) &&
         std::all_of(frames_.begin(), frames_.end(),
                     [line](const PlacedFrame& frame) { return frame.line == *line; });
}

size_t LiteralChoice::MemoryUsage() const {
  size_t bytes = frames_.capacity() * sizeof(PlacedFrame);
  for (const PlacedFrame& frame : frames_) {
    bytes += frame.object.names.capacity() * sizeof(std::string);
  }
  return bytes;
}

}  // namespace tracemalloc
