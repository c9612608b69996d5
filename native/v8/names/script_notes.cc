// SPDX-License-Identifier: MIT
#include "v8/names/script_notes.h"

#include <algorithm>
#include <utility>

#include "core/vector_room.h"
#include "v8/names/script_info.h"
#include "v8/names/text_pieces.h"

namespace tracemalloc {
namespace {

// Whether there can be a file of that name; JavaScript knows which directory a relative one is in.
bool MayNameFile(std::string_view name) {
  if (name.substr(0, 5) == "file:") return true;
  if (name.substr(0, 8) == "eval at ") return false;
  const size_t scheme = name.find(':');
  return !name.empty() && name[0] != '<' && name[0] != '[' &&
         (scheme == std::string_view::npos || name.find('/') < scheme);
}

// Leaves out a comment at the end that names the script.
TextDigester Digest(v8::Isolate* isolate, v8::Local<v8::String> source) {
  // The longest path, escaped.
  constexpr int kTail = 3 * 4096;
  uint16_t tail[kTail];
  const int length = source->Length();
  const int count = std::min(length, kTail);
  ReadUnits(isolate, source, length - count, count, tail);
  const size_t naming = NamingComment(tail, static_cast<size_t>(count));
  TextDigester digester;
  ReadPieces(isolate, source, length - static_cast<int>(naming),
             [&](const uint16_t* piece, size_t size) {
               digester.Add(piece, size);
               return true;
             });
  return digester;
}

}  // namespace

void ScriptNotes::KeptSourceMap::Set(v8::Isolate* isolate, v8::Local<v8::String> url) {
  url_.Reset(isolate, url);
  held_ = static_cast<size_t>(url->Length());
  exists_ = true;
}

void ScriptNotes::KeptSourceMap::LetGo() {
  if (held_ == 0) return;
  held_ = 0;
  url_.SetWeak();
}

void ScriptNotes::Note(ScriptInfo* info, int32_t script_id, v8::Local<v8::Value> shared,
                       v8::Local<v8::Value> script, std::string_view filename) {
  const v8::Local<v8::String> source_map = info->SourceMap(shared);
  const v8::Local<v8::String> source = info->Source(script);
  if (source.IsEmpty() || (source_map.IsEmpty() && !MayNameFile(filename))) return;
  // Reading a text may allocate, and so may a sample that adds frames.
  const TextDigester text = Digest(isolate_, source);
  int32_t line_offset = 0;
  int32_t column_offset = 0;
  info->Offsets(script, &line_offset, &column_offset);
  Known& known = notes_[script_id];
  known.facts.id = script_id;
  known.facts.digest = text.Finish();
  known.facts.ends_with_comment = text.EndsWithComment();
  known.facts.has_line_offset = line_offset != 0;
  known.facts.has_column_offset = column_offset != 0;
  untold_.push_back(script_id);
  if (source_map.IsEmpty()) return;
  known.source_map.Set(isolate_, source_map);
  source_maps_held_ += known.source_map.held();
  if (source_maps_held_ > kMostHeld) LetGoOfSourceMaps();
}

std::vector<ScriptNote> ScriptNotes::Take(Which which) {
  if (which == Which::kAll) {
    untold_.clear();
    for (const auto& [id, known] : notes_) untold_.push_back(id);
    std::sort(untold_.begin(), untold_.end());
  }
  std::vector<ScriptNote> taken;
  taken.reserve(untold_.size());
  for (const int32_t id : untold_) {
    const auto note = notes_.find(id);
    if (note == notes_.end()) continue;
    const auto& [facts, source_map] = note->second;
    ScriptNote& told = taken.emplace_back(facts);
    told.source_map = source_map.Get(isolate_);
    told.has_source_map = source_map.exists();
  }
  LetGoOfSourceMaps();
  untold_.clear();
  GiveBackRoom(&untold_);
  return taken;
}

v8::Local<v8::String> ScriptNotes::SourceMapOf(int32_t script_id) const {
  const auto note = notes_.find(script_id);
  return note == notes_.end() ? v8::Local<v8::String>() : note->second.source_map.Get(isolate_);
}

void ScriptNotes::DropForgotten() {
  const auto is_gone = [this](int32_t id) { return notes_.count(id) == 0; };
  untold_.erase(std::remove_if(untold_.begin(), untold_.end(), is_gone), untold_.end());
  source_maps_held_ = 0;
  for (const int32_t id : untold_) source_maps_held_ += notes_.find(id)->second.source_map.held();
}

void ScriptNotes::Clear() {
  notes_.clear();
  untold_.clear();
  source_maps_held_ = 0;
}

size_t ScriptNotes::MemoryUsage() const {
  // A node of a hash map has three words besides its entry.
  return notes_.size() * (sizeof(*notes_.begin()) + 3 * sizeof(void*)) +
         untold_.capacity() * sizeof(untold_.front());
}

void ScriptNotes::LetGoOfSourceMaps() {
  for (const int32_t id : untold_) {
    const auto note = notes_.find(id);
    if (note != notes_.end()) note->second.source_map.LetGo();
  }
  source_maps_held_ = 0;
}

}  // namespace tracemalloc
