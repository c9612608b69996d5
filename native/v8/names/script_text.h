// SPDX-License-Identifier: MIT
// What V8 runs may be another text than the file of that name holds: loaders transform it in
// memory. So what the text says of its source map, and a digest of it, is noted when a script is
// named.
#ifndef TRACEMALLOC_V8_NAMES_SCRIPT_TEXT_H_
#define TRACEMALLOC_V8_NAMES_SCRIPT_TEXT_H_

#include <v8.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/text_digest.h"

namespace tracemalloc {

// A script as JavaScript is told of it, once.
struct ScriptNote {
  int32_t id = 0;
  // V8's own string, which may be a map of megabytes; empty: there is none, or it is gone.
  v8::Local<v8::String> source_map;
  bool has_source_map = false;
  bool has_offset = false;  // its first line is not the first of its file
  TextDigest digest;
};

// Whether there can be a file of that name.
bool NamesFile(std::string_view name);

// Without a comment at its end that names the script.
TextDigest DigestOf(v8::Isolate* isolate, v8::Local<v8::String> source);

// What is kept of a script's source map: its URL, which V8 holds as long as the script lives.
class KeptSourceMap {
 public:
  void Set(v8::Isolate* isolate, v8::Local<v8::String> url);
  // From now on it does not outlive its script.
  void LetGo();
  bool exists() const { return exists_; }
  // Empty: there is none, or it is gone.
  v8::Local<v8::String> Get(v8::Isolate* isolate) const { return url_.Get(isolate); }
  // Units that this alone may keep alive.
  size_t held() const { return held_; }

 private:
  v8::Global<v8::String> url_;
  size_t held_ = 0;
  bool exists_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_SCRIPT_TEXT_H_
