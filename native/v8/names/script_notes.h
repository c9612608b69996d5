// SPDX-License-Identifier: MIT
// The facts about scripts that JavaScript needs to map positions to the source: each script's
// source map URL, and a digest of its text, noted when the script is named. JavaScript gets each of
// them once, and all of them again when it starts from zero.
#ifndef TRACEMALLOC_V8_NAMES_SCRIPT_NOTES_H_
#define TRACEMALLOC_V8_NAMES_SCRIPT_NOTES_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text_digest.h"

namespace tracemalloc {

class ScriptInfo;

struct ScriptNote {
  int32_t id = 0;
  // V8's own string, which may be a map of megabytes; empty: there is none, or it is gone.
  v8::Local<v8::String> source_map;
  bool has_source_map = false;
  bool has_line_offset = false;    // its first line is not the first line of its file
  bool has_column_offset = false;  // its first line begins within a line of its file
  bool ends_with_comment = false;  // as opposed to a text that was put into another one
  TextDigest digest;
};

class ScriptNotes {
 public:
  explicit ScriptNotes(v8::Isolate* isolate) : isolate_(isolate) {}

  // `shared`: any function of the script. Needs a handle scope.
  void Note(ScriptInfo* info, int32_t script_id, v8::Local<v8::Value> shared,
            v8::Local<v8::Value> script, std::string_view filename);
  // Those since the last call, or all. Needs a handle scope.
  enum class Which : uint8_t { kNew, kAll };
  std::vector<ScriptNote> Take(Which which);
  // The source map URL of a script, as long as the script lives; empty: it has none, or is gone.
  v8::Local<v8::String> SourceMapOf(int32_t script_id) const;

  void Forget(int32_t script_id) { notes_.erase(script_id); }
  // To be called after scripts were forgotten.
  void DropForgotten();
  void Clear();
  size_t MemoryUsage() const;

 private:
  // A script's source map URL, which V8 holds as long as the script lives.
  class KeptSourceMap {
   public:
    void Set(v8::Isolate* isolate, v8::Local<v8::String> url);
    // From now on the URL does not outlive its script.
    void LetGo();
    bool exists() const { return exists_; }
    // Empty: there is none, or it is gone.
    v8::Local<v8::String> Get(v8::Isolate* isolate) const { return url_.Get(isolate); }
    // UTF-16 units that only this object may keep alive.
    size_t held() const { return held_; }

   private:
    v8::Global<v8::String> url_;
    size_t held_ = 0;
    bool exists_ = false;
  };
  struct Known {
    ScriptNote facts;  // without its source map
    KeptSourceMap source_map;
  };

  // Limits the source map URLs held until Take, in UTF-16 units: a service may take no snapshots,
  // but compile new code all the time.
  static constexpr size_t kMostHeld = size_t{16} << 20;

  void LetGoOfSourceMaps();

  v8::Isolate* isolate_;
  std::unordered_map<int32_t, Known> notes_;
  std::vector<int32_t> untold_;
  size_t source_maps_held_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_SCRIPT_NOTES_H_
