// SPDX-License-Identifier: MIT
// The text that V8 runs may differ from the file of that name, as loaders transform it in memory.
// So the source map URL in the text, and a digest of the text, are noted when a script is named.
#ifndef TRACEMALLOC_V8_NAMES_SCRIPT_TEXT_H_
#define TRACEMALLOC_V8_NAMES_SCRIPT_TEXT_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/text_digest.h"

namespace tracemalloc {

// The facts about a script that are passed to JavaScript once.
struct ScriptNote {
  int32_t id = 0;
  // V8's own string, which may be a map of megabytes; empty: there is none, or it is gone.
  v8::Local<v8::String> source_map;
  bool has_source_map = false;
  bool has_offset = false;  // its first line is not the first line of its file
  TextDigest digest;
};

// Whether there can be a file of that name.
bool NamesFile(std::string_view name);

// Leaves out a comment at the end that names the script.
TextDigest DigestOf(v8::Isolate* isolate, v8::Local<v8::String> source);

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

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_SCRIPT_TEXT_H_
