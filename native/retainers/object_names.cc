// SPDX-License-Identifier: MIT
#include "retainers/object_names.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/line_counter.h"
#include "core/script_name.h"
#include "layout/object_offsets.h"

namespace tracemalloc {
namespace {

constexpr int kWord = 8;
constexpr size_t kLongestName = 100;
constexpr size_t kLongestPath = 4096;
constexpr int kMostParts = 8;

// src/objects/string.tq
constexpr int kRepresentation = 7;
constexpr int kSequential = 0;
constexpr int kCons = 1;
constexpr int kExternal = 2;
constexpr int kThin = 5;
constexpr int kOneByte = 8;
constexpr int kLength = 12;
constexpr int kCharacters = 16;
constexpr int kSecondPart = 24;
constexpr int kExternalCharacters = 24;

// A scope's function has this many words of its own behind the variables at most.
constexpr int kMostWordsOfFunction = 10;

constexpr int kMostBackPointers = 2048;
constexpr int kMostPrototypes = 4;

bool IsNamePart(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || c >= 0x80;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

// Whether a word of a name begins at `i`: `toISOString2` has four, to, ISO, String and 2.
bool IsWordBegin(std::string_view name, size_t i) {
  if (i == 0 || IsDigit(name[i]) != IsDigit(name[i - 1])) return true;
  return IsUpper(name[i]) &&
         (!IsUpper(name[i - 1]) || (i + 1 < name.size() && IsLower(name[i + 1])));
}

// Random text of letters and digits has shorter words than people write, more digits between them,
// and fewer vowels.
bool IsLikeToken(std::string_view name) {
  constexpr size_t kShort = 6;  // too little to be a token
  constexpr size_t kLong = 24;
  constexpr size_t kAtEnd = 2;  // digits there number something
  constexpr size_t kFewForVowels = 12;
  constexpr size_t kShortestHex = 8;
  constexpr std::string_view kVowels = "aeiouAEIOU";
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  size_t words = 0;
  size_t numbers = 0;  // not at the end
  size_t digits = 0;
  size_t lower = 0;
  size_t upper = 0;
  size_t vowels = 0;
  for (size_t i = 0; i < name.size(); i++) {
    if (IsWordBegin(name, i)) {
      words++;
      if (IsDigit(name[i]) && i + kAtEnd < name.size()) numbers++;
    }
    digits += IsDigit(name[i]) ? 1 : 0;
    lower += IsLower(name[i]) ? 1 : 0;
    upper += IsUpper(name[i]) ? 1 : 0;
    vowels += kVowels.find(name[i]) != std::string_view::npos ? 1 : 0;
  }
  if (name.size() < kShort) return false;
  if (name.size() >= kShortestHex && name.find_first_not_of(kHex) == std::string_view::npos) {
    return true;
  }
  if (numbers > 1 || (numbers == 1 && name.size() > kLong)) return true;
  // Two and a half letters a word.
  if (words > 2 && 2 * name.size() < 5 * words) return true;
  const bool is_mixed = lower > 0 && upper + digits > 0;
  return is_mixed && lower + upper >= kFewForVowels && 4 * vowels < lower + upper;
}

// Whether source text could have this name. Names with many digits are more likely data, and so are
// those that look like random keys.
bool IsIdentifier(std::string_view name) {
  constexpr int kMostDigits = 4;
  if (!name.empty() && name[0] == '#') name.remove_prefix(1);
  if (name.empty() || IsDigit(name[0])) return false;
  int digits = 0;
  for (const char c : name) {
    if (!IsNamePart(static_cast<unsigned char>(c))) return false;
    if (IsDigit(c)) digits++;
  }
  return digits <= kMostDigits && !IsLikeToken(name);
}

uint16_t UnitAt(const std::vector<uint8_t>& bytes, size_t unit_size, size_t i) {
  return unit_size == 1 ? bytes[i] : static_cast<uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
}

void AppendUtf8(uint16_t unit, std::string* text) {
  constexpr uint16_t kFirstSurrogate = 0xd800;
  constexpr uint16_t kLastSurrogate = 0xdfff;
  if (unit >= kFirstSurrogate && unit <= kLastSurrogate) unit = 0xfffd;
  if (unit < 0x80) {
    *text += static_cast<char>(unit);
  } else if (unit < 0x800) {
    *text += static_cast<char>(0xc0 | unit >> 6);
    *text += static_cast<char>(0x80 | (unit & 0x3f));
  } else {
    *text += static_cast<char>(0xe0 | unit >> 12);
    *text += static_cast<char>(0x80 | (unit >> 6 & 0x3f));
    *text += static_cast<char>(0x80 | (unit & 0x3f));
  }
}

}  // namespace

std::string ObjectNames::KeyText(uintptr_t key) {
  if (!HeapView::IsHeapObject(key)) return "";
  if (objects_->TypeOf(key) != objects_->numbers().symbol) {
    std::string name = Text(key, kLongestName);
    return IsIdentifier(name) ? name : "";
  }
  const std::string name = Text(objects_->Word(key, objects_->numbers().symbol_name), kLongestName);
  if (!IsIdentifier(name)) return "Symbol()";
  return name[0] == '#' ? name : "Symbol(" + name + ")";
}

// NOLINTNEXTLINE(misc-no-recursion): kMostParts deep at most
std::string ObjectNames::Text(uintptr_t string, size_t most, int depth) {
  const int type = objects_->TypeOf(string);
  uint32_t length;
  if (type < 0 || type >= objects_->numbers().first_nonstring || depth > kMostParts ||
      !objects_->heap().Field(string, kLength, &length) || length > most) {
    return "";
  }
  switch (type & kRepresentation) {
    case kThin:
      return Text(objects_->Word(string, kCharacters), most, depth + 1);
    case kCons:
      return Text(objects_->Word(string, kCharacters), most, depth + 1) +
             Text(objects_->Word(string, kSecondPart), most, depth + 1);
    case kSequential:
      break;
    default:
      return "";
  }
  const size_t unit_size = (type & kOneByte) != 0 ? 1 : 2;
  std::vector<uint8_t> bytes(length * unit_size);
  if (!objects_->heap().Copy(string - 1 + kCharacters, bytes.data(), bytes.size())) return "";
  std::string text;
  for (uint32_t i = 0; i < length; i++) AppendUtf8(UnitAt(bytes, unit_size, i), &text);
  return text;
}

// A function that was compiled has its name in its scope, behind the variables.
std::string ObjectNames::FunctionName(uintptr_t shared) {
  const HeapNumbers& n = objects_->numbers();
  const uintptr_t named = objects_->Word(shared, n.shared_name);
  if (objects_->IsString(named)) return Text(named, kLongestName);
  int32_t variables;
  if (!objects_->heap().HasType(named, n.scope_info) ||
      !objects_->heap().SmiField(named, kWord * (1 + n.variable_count), &variables) ||
      variables < 0) {
    return "";
  }
  const int names = variables < kMostInlineNames ? variables : 1;
  const int behind = 1 + n.first_variable + names + variables;
  for (int word = behind; word < behind + kMostWordsOfFunction; word++) {
    const uintptr_t value = objects_->Word(named, kWord * word);
    if (objects_->IsString(value)) return Text(value, kLongestName);
    if (!HeapView::IsSmi(value) && !HeapView::IsHeapObject(value)) break;
  }
  return "";
}

FunctionPlace ObjectNames::PlaceOf(uintptr_t shared) {
  const auto known = places_.find(shared);
  if (known != places_.end()) return known->second;
  const Layout& layout = objects_->heap().layout();
  FunctionPlace place;
  place.name = BoundedName(FunctionName(shared));
  const uintptr_t script = objects_->Word(shared, layout.shared_script);
  if (objects_->heap().HasType(script, layout.type_script)) {
    place.filename =
        ScriptName(Text(objects_->Word(script, objects_->numbers().script_name), kLongestPath));
    FunctionRange range;
    if (ranges_.Of(objects_->heap(), shared, &range)) FindLine(script, range.begin, &place);
  }
  places_[shared] = place;
  return place;
}

void ObjectNames::FindLine(uintptr_t script, int32_t position, FunctionPlace* place) {
  const Layout& layout = objects_->heap().layout();
  uintptr_t source = objects_->Word(script, objects_->numbers().script_source);
  int type = objects_->TypeOf(source);
  for (int i = 0; i < kMostParts && type >= 0 &&
                  ((type & kRepresentation) == kThin || (type & kRepresentation) == kCons);
       i++) {
    source = objects_->Word(source, kCharacters);
    type = objects_->TypeOf(source);
  }
  uint32_t length;
  if (!objects_->IsString(source) || !objects_->heap().Field(source, kLength, &length)) return;
  uintptr_t characters = source - 1 + kCharacters;
  if ((type & kRepresentation) == kExternal) {
    characters = objects_->Word(source, kExternalCharacters);
  } else if ((type & kRepresentation) != kSequential) {
    return;
  }
  const std::vector<int32_t> positions{position};
  LineCounter counter(positions);
  constexpr uint32_t kPiece = 4096;
  std::vector<uint8_t> bytes(size_t{2} * kPiece);
  std::vector<uint16_t> units(kPiece);
  const size_t unit_size = (type & kOneByte) != 0 ? 1 : 2;
  for (uint32_t at = 0; at < length && !counter.done(); at += kPiece) {
    const uint32_t count = std::min(kPiece, length - at);
    if (!objects_->heap().Copy(characters + at * unit_size, bytes.data(), count * unit_size)) {
      return;
    }
    for (uint32_t i = 0; i < count; i++) units[i] = UnitAt(bytes, unit_size, i);
    counter.Add(units.data(), count);
  }
  const SourcePlace& found = counter.Finish()[0];
  int32_t line_offset;
  int32_t column_offset;
  if (found.line < 0 ||
      !objects_->heap().SmiField(script, layout.script_line_offset, &line_offset) ||
      !objects_->heap().SmiField(script, layout.script_column_offset, &column_offset)) {
    return;
  }
  place->line = found.line + line_offset + 1;
  place->column = found.column + (found.line == 0 ? column_offset : 0) + 1;
}

std::string ObjectNames::ClassOf(uintptr_t object) {
  const uintptr_t map = objects_->Word(object, 0);
  const auto known = classes_.find(map);
  if (known != classes_.end()) return known->second;
  return classes_[map] = ClassOfMap(map);
}

std::string ObjectNames::ClassOfMap(uintptr_t map) {
  const HeapNumbers& n = objects_->numbers();
  uint8_t bits = 0;
  objects_->heap().Field(map, n.map_bit_field2, &bits);
  const bool is_api = n.IsApiObject(objects_->ShapeOfMap(map).type);
  uintptr_t constructor = (bits & kNewTargetIsBase) != 0 || is_api ? MapConstructor(map) : 0;
  std::string name;
  if (constructor != 0) name = FunctionName(objects_->SharedOf(constructor));
  uintptr_t prototype = objects_->Word(map, n.map_prototype);
  for (int i = 0; i < kMostPrototypes && (name.empty() || name == "Object"); i++) {
    if (!HeapView::IsHeapObject(prototype)) break;
    constructor = ConstructorProperty(prototype);
    if (constructor != 0) name = FunctionName(objects_->SharedOf(constructor));
    prototype = objects_->Word(objects_->Word(prototype, 0), n.map_prototype);
  }
  return IsIdentifier(name) ? name : "Object";
}

// A map that was derived from another points back to it; the first one has the constructor.
uintptr_t ObjectNames::MapConstructor(uintptr_t map) {
  const HeapNumbers& n = objects_->numbers();
  uintptr_t at = map;
  for (int i = 0; i < kMostBackPointers; i++) {
    if (objects_->ShapeOfMap(at).type < 0) break;
    at = objects_->Word(at, n.map_constructor);
  }
  return objects_->IsFunction(at) ? at : 0;
}

bool ObjectNames::IsConstructorKey(uintptr_t key) {
  constexpr std::string_view kKey = "constructor";
  return Text(key, kKey.size()) == kKey;
}

uintptr_t ObjectNames::ConstructorProperty(uintptr_t prototype) {
  constexpr int kMostWords = 1 << 12;
  constexpr int kProperties = 8;
  if (objects_->HasDictionary(prototype)) {
    const uintptr_t table = objects_->Word(prototype, kProperties);
    int32_t length;
    if (!objects_->heap().SmiField(table, kArrayLength, &length)) return 0;
    for (int i = 0; i + 1 < length && i < kMostWords; i++) {
      const int at = kArrayData + i * kWord;
      if (!IsConstructorKey(objects_->Word(table, at))) continue;
      const uintptr_t value = objects_->Word(table, at + kWord);
      return objects_->IsFunction(value) ? value : 0;
    }
    return 0;
  }
  const HeapObjects::Shape shape = objects_->ShapeOf(prototype);
  const int field =
      objects_->FieldNamed(prototype, [this](uintptr_t key) { return IsConstructorKey(key); });
  const int in_object = shape.size_in_words - shape.first_property;
  if (field < 0 || shape.first_property == 0) return 0;
  const uintptr_t value = field < in_object
                              ? objects_->Word(prototype, (shape.first_property + field) * kWord)
                              : objects_->Word(objects_->Word(prototype, kProperties),
                                               kArrayData + (field - in_object) * kWord);
  return objects_->IsFunction(value) ? value : 0;
}

}  // namespace tracemalloc
