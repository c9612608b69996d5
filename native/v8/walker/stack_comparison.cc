// SPDX-License-Identifier: MIT
#include "v8/walker/stack_comparison.h"

#include <cstdio>

namespace tracemalloc {
namespace {

constexpr int kFrameLimit = 200;

bool IsLineEnd(const uint16_t* text, int length, int i) {
  switch (text[i]) {
    case '\n':
    case 0x2028:
    case 0x2029:
      return true;
    case '\r':
      return i + 1 == length || text[i + 1] != '\n';
    default:
      return false;
  }
}

std::string Place(int line, int column) {
  return std::to_string(line) + ":" + std::to_string(column);
}

}  // namespace

bool PairStacks(v8::Isolate* isolate, FrameReader* reader, std::vector<ComparedFrame>* frames,
                std::string* reason) {
  std::vector<SourceFrame> own;
  if (!reader->ReadStack(HeapView(&reader->layout(), Memory::kChecked), &own)) {
    *reason = "the stack can't be read";
    return false;
  }
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): flags, to be combined
  const auto options = static_cast<v8::StackTrace::StackTraceOptions>(
      v8::StackTrace::kDetailed | v8::StackTrace::kExposeFramesAcrossSecurityOrigins);
  const v8::Local<v8::StackTrace> expected =
      v8::StackTrace::CurrentStackTrace(isolate, kFrameLimit, options);
  const size_t count = static_cast<size_t>(expected->GetFrameCount());
  if (count == 0 || own.size() < count || (own.size() != count && count < kFrameLimit)) {
    *reason = std::to_string(own.size()) + " frames where V8 shows " + std::to_string(count);
    return false;
  }
  for (size_t i = 0; i < count; ++i) {
    const v8::Local<v8::StackFrame> frame = expected->GetFrame(isolate, static_cast<uint32_t>(i));
    if (own[i].key.script_id != frame->GetScriptId()) {
      *reason = "another script than V8 shows";
      return false;
    }
    frames->push_back({own[i], frame});
  }
  return true;
}

bool SamePlace(v8::Isolate* isolate, const ComparedFrame& frame, int line_offset, int column_offset,
               std::string* reason) {
  const v8::Local<v8::String> source = frame.expected->GetScriptSource();
  const int position = frame.own.key.position;
  if (source.IsEmpty() || position < 0 || position > source->Length()) {
    *reason = "a position outside the script";
    return false;
  }
  const v8::String::Value text(isolate, source);
  int line = 1;
  int line_start = 0;
  for (int i = 0; i < position; ++i) {
    if (!IsLineEnd(*text, text.length(), i)) continue;
    ++line;
    line_start = i + 1;
  }
  int column = position - line_start + 1;
  if (line == 1) column += column_offset;
  line += line_offset;
  if (line == frame.expected->GetLineNumber() && column == frame.expected->GetColumn()) return true;
  *reason = std::string(TierName(frame.own.tier)) + " at " + Place(line, column) +
            " where V8 shows " +
            Place(frame.expected->GetLineNumber(), frame.expected->GetColumn());
  return false;
}

}  // namespace tracemalloc
