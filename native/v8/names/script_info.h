// SPDX-License-Identifier: MIT
// Reads from V8, at a safe point, what it knows of a script and its functions: names as in V8's own
// stack traces, and the origin of an eval's text.
#ifndef TRACEMALLOC_V8_NAMES_SCRIPT_INFO_H_
#define TRACEMALLOC_V8_NAMES_SCRIPT_INFO_H_

#include <v8.h>

#include <cstdint>
#include <string>

#include "layout/bytecode/function_positions.h"
#include "layout/heap_view.h"

namespace tracemalloc {

class ScriptInfo {
 public:
  ScriptInfo(v8::Isolate* isolate, const Layout* layout);

  // Path, URL or //# sourceURL; for an eval without a name its origin: `eval at f (/app/a.js:3:5)`.
  std::string FileName(v8::Local<v8::Value> shared, v8::Local<v8::Value> script);
  // The same, but empty for an eval without a name. Allocates nothing on V8's heap.
  std::string NameWithoutOrigin(v8::Local<v8::Value> shared);
  // Empty: anonymous. `literal_id`: the function's number within the script, 0 for its top-level
  // code.
  std::string FunctionName(v8::Local<v8::Value> shared, v8::Local<v8::Value> script,
                           int32_t literal_id);
  // The same, without V8's name for an eval.
  std::string NameInSource(v8::Local<v8::Value> shared, v8::Local<v8::Value> script,
                           int32_t literal_id);
  // What the text says of its source map; empty: nothing, or there is no text.
  v8::Local<v8::String> SourceMap(v8::Local<v8::Value> shared);
  // Empty: not a string.
  std::string Text(v8::Local<v8::Value> value);
  // Empty if V8 has none.
  v8::Local<v8::String> Source(v8::Local<v8::Value> script);
  // Where the text begins in its file, 0-based. False if the script can't be read.
  bool Offsets(v8::Local<v8::Value> script, int32_t* line, int32_t* column);

 private:
  v8::Local<v8::Value> Field(v8::Local<v8::Value> object, int offset);
  bool IsEval(v8::Local<v8::Value> script, v8::Local<v8::Value>* outer);
  bool IsWrapped(v8::Local<v8::Value> script);
  std::string EvalOrigin(v8::Local<v8::Value> script, v8::Local<v8::Value> outer, int depth);
  std::string EvalPlace(v8::Local<v8::Value> script, v8::Local<v8::Value> outer, int depth);

  v8::Isolate* isolate_;
  HeapView heap_;
  FunctionPositions functions_;
  int source_offset_ = 0;     // 0: not exported by this V8
  int eval_from_offset_ = 0;  // a function (eval), an array (wrapped) or undefined
  int eval_position_offset_ = 0;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_SCRIPT_INFO_H_
