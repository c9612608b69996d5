// SPDX-License-Identifier: MIT
#include "v8/self_test.h"

#include <cstring>
#include <vector>

#include "v8/frame_reader.h"

namespace tracemalloc {
namespace {

constexpr int kFrameLimit = 200;

// Functions, methods, accessors, constructors, callbacks of builtins, generators, and statements
// at varied columns. probe() compares.
constexpr char kProgram[] = R"js((function (probe) {
  class Shape {
    constructor(n) { this.n = n; probe(); }
    get size() { return [probe(), this.n]; }
    static make(n) {
      const shape = new Shape(n);
      return shape.size.length + n;
    }
  }
  function* steps() { yield Shape.make(1); yield probe(); }
  const sum = (a, b) => a + b + (probe(), 0);
  let total = 0;
  for (const step of steps()) { total += step | 0; }
  total += [3, 1, 2].sort((a, b) => { probe(); return a - b; }).reduce(sum);
  try { null.x; } catch { if (total) { probe(); } }
}))js";

struct Comparison {
  FrameReader* reader = nullptr;
  const char* source = nullptr;
  int own_script = 0;
  int calls = 0;
  std::string difference;
};

// Lines and columns as V8 counts them, in a source whose lines end in \n.
void LineAndColumn(const char* source, int position, int* line, int* column) {
  *line = 1;
  int line_start = 0;
  for (int i = 0; i < position; ++i) {
    if (source[i] == '\n') {
      ++*line;
      line_start = i + 1;
    }
  }
  *column = position - line_start + 1;
}

std::string Compare(v8::Isolate* isolate, Comparison* test) {
  const HeapView heap(&test->reader->layout(), Memory::kChecked);
  std::vector<SourceFrame> frames;
  if (!test->reader->ReadStack(heap, &frames)) return "the stack can't be read";
  const auto options = static_cast<v8::StackTrace::StackTraceOptions>(
      v8::StackTrace::kDetailed | v8::StackTrace::kExposeFramesAcrossSecurityOrigins);
  v8::Local<v8::StackTrace> expected =
      v8::StackTrace::CurrentStackTrace(isolate, kFrameLimit, options);
  const int count = expected->GetFrameCount();
  if (count == 0) return "V8 shows no frames";
  if (count < kFrameLimit && frames.size() != static_cast<size_t>(count)) {
    return std::to_string(frames.size()) + " frames where V8 shows " + std::to_string(count);
  }
  if (static_cast<int>(frames.size()) < count) return "fewer frames than V8 shows";
  for (int i = 0; i < count; ++i) {
    const v8::Local<v8::StackFrame> frame = expected->GetFrame(isolate, i);
    const FrameKey& key = frames[i].key;
    if (key.script_id != frame->GetScriptId()) return "another script than V8 shows";
    if (i == 0 && test->own_script == 0) test->own_script = key.script_id;
    if (key.script_id != test->own_script || (key.flags & kFrameApproximate) != 0) continue;
    int line;
    int column;
    if (key.position < 0 || key.position > static_cast<int>(std::strlen(test->source))) {
      return "a position outside the program";
    }
    LineAndColumn(test->source, key.position, &line, &column);
    if (line != frame->GetLineNumber() || column != frame->GetColumn()) {
      return std::to_string(line) + ":" + std::to_string(column) + " where V8 shows " +
             std::to_string(frame->GetLineNumber()) + ":" + std::to_string(frame->GetColumn());
    }
  }
  return {};
}

void Probe(const v8::FunctionCallbackInfo<v8::Value>& info) {
  auto* test = static_cast<Comparison*>(info.Data().As<v8::External>()->Value(
#if V8_MAJOR_VERSION >= 14
      v8::kExternalPointerTypeTagDefault
#endif
      ));
  ++test->calls;
  if (test->difference.empty()) test->difference = Compare(info.GetIsolate(), test);
}

v8::Local<v8::Value> Pointer(v8::Isolate* isolate, Comparison* test) {
#if V8_MAJOR_VERSION >= 14
  return v8::External::New(isolate, test, v8::kExternalPointerTypeTagDefault);
#else
  return v8::External::New(isolate, test);
#endif
}

}  // namespace

bool RunSelfTest(v8::Isolate* isolate, FrameReader* reader, std::string* reason) {
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  v8::TryCatch errors(isolate);
  Comparison test;
  test.reader = reader;
  test.source = kProgram;
  v8::Local<v8::Function> probe;
  v8::Local<v8::String> source;
  v8::Local<v8::Script> script;
  v8::Local<v8::Value> program;
  if (!v8::Function::New(context, Probe, Pointer(isolate, &test)).ToLocal(&probe) ||
      !v8::String::NewFromUtf8(isolate, kProgram).ToLocal(&source) ||
      !v8::Script::Compile(context, source).ToLocal(&script) ||
      !script->Run(context).ToLocal(&program) || !program->IsFunction()) {
    *reason = "the self-test could not be compiled";
    return false;
  }
  v8::Local<v8::Value> argument = probe;
  v8::Local<v8::Value> result;
  if (!program.As<v8::Function>()
           ->Call(context, v8::Undefined(isolate), 1, &argument)
           .ToLocal(&result) ||
      test.calls < 6) {
    *reason = "the self-test did not run";
    return false;
  }
  if (!test.difference.empty()) {
    *reason = "the self-test failed: " + test.difference;
    return false;
  }
  return true;
}

}  // namespace tracemalloc
