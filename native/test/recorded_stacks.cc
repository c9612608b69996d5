// SPDX-License-Identifier: MIT
#include "test/recorded_stacks.h"

#include <algorithm>
#include <chrono>

namespace tracemalloc {
namespace {

constexpr uint32_t kFrameLimit = 128;
constexpr size_t kMaxMismatches = 5;

std::string TextOf(v8::Isolate* isolate, v8::Local<v8::String> value) {
  if (value.IsEmpty()) return "";
  const v8::String::Utf8Value text(isolate, value);
  return *text == nullptr ? "" : *text;
}

std::string Quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      const char* digits = "0123456789abcdef";
      out += "\\u00";
      out += digits[(c >> 4) & 15];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string Place(const std::string& function, const std::string& file, int line, int column) {
  return function + " " + file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

// The resolver names scripts that V8 does not (by an eval's origin), and shortens data: URLs.
bool IsNamedByV8(const std::string& filename) {
  return !filename.empty() && filename.compare(0, 5, "data:") != 0;
}

}  // namespace

RecordedStacks::~RecordedStacks() {
  if (walker_) isolate_->RemoveGCEpilogueCallback(AfterCollection, this);
}

Status RecordedStacks::Start(const Layout& layout) {
  layout_ = layout;
  resolver_ = FrameResolver::Create(isolate_, &tables_);
  const Status status =
      StackWalker::CreateWithLayout(isolate_, &layout_, &tables_.frames, resolver_.get(), &walker_);
  if (status.ok()) {
    isolate_->AddGCEpilogueCallback(AfterCollection, this, v8::kGCTypeMarkSweepCompact);
  }
  return status;
}

void RecordedStacks::AfterCollection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* data) {
  static_cast<RecordedStacks*>(data)->walker_->CodeMayHaveMoved();
}

void RecordedStacks::Record() {
  FrameId ids[kFrameLimit];
  Stack stack;
  const WalkedStack walked = walker_->Walk(ids, kFrameLimit);
  stack.total = walked.total;
  stack.walked.assign(ids, ids + walked.count);

  v8::HandleScope handles(isolate_);
  const auto options = static_cast<v8::StackTrace::StackTraceOptions>(
      v8::StackTrace::kDetailed | v8::StackTrace::kExposeFramesAcrossSecurityOrigins);
  const v8::Local<v8::StackTrace> trace =
      v8::StackTrace::CurrentStackTrace(isolate_, kFrameLimit, options);
  for (int i = 0; i < trace->GetFrameCount(); ++i) {
    const v8::Local<v8::StackFrame> frame = trace->GetFrame(isolate_, static_cast<uint32_t>(i));
    stack.expected.push_back({frame->GetScriptId(), frame->GetLineNumber(), frame->GetColumn(),
                              TextOf(isolate_, frame->GetFunctionName()),
                              TextOf(isolate_, frame->GetScriptNameOrSourceURL())});
  }
  stacks_.push_back(std::move(stack));
}

std::string RecordedStacks::Results() {
  resolver_->ResolveNew();
  uint64_t frames = 0;
  uint64_t approximate = 0;
  uint64_t mismatches = 0;
  size_t shown = 0;
  std::string list;
  for (size_t i = 0; i < stacks_.size(); ++i) {
    const std::string difference = Difference(stacks_[i], &frames, &approximate);
    if (difference.empty()) continue;
    ++mismatches;
    if (shown++ == kMaxMismatches) break;
    list += list.empty() ? "" : ",";
    list += std::string("{\"stack\":") + std::to_string(i) + ",\"difference\":" + Quote(difference);
    list += ",\"walked\":[";
    for (size_t f = 0; f < stacks_[i].walked.size(); ++f) {
      list += std::string(f == 0 ? "" : ",") + Quote(Describe(stacks_[i].walked[f]));
    }
    list += "],\"expected\":[";
    for (size_t f = 0; f < stacks_[i].expected.size(); ++f) {
      const ExpectedFrame& e = stacks_[i].expected[f];
      list += std::string(f == 0 ? "" : ",") +
              Quote(Place(e.function_name, e.filename, e.line, e.column));
    }
    list += "]}";
  }
  EngineReport report;
  walker_->Report(&report);
  std::string diagnostics;
  for (const auto& entry : report.diagnostics) {
    diagnostics += std::string(diagnostics.empty() ? "" : ",") + Quote(entry.first) + ":" +
                   std::to_string(entry.second);
  }
  return std::string("{\"stacks\":") + std::to_string(stacks_.size()) +
         ",\"frames\":" + std::to_string(frames) +
         ",\"approximate\":" + std::to_string(approximate) +
         ",\"mismatches\":" + std::to_string(mismatches) + ",\"first\":[" + list +
         "],\"reason\":" + Quote(report.reason) + ",\"diagnostics\":{" + diagnostics + "}}";
}

std::string RecordedStacks::LastStack() {
  resolver_->ResolveNew();
  std::string list;
  if (stacks_.empty()) return "[]";
  for (const FrameId id : stacks_.back().walked) {
    const FrameTable::Entry& entry = tables_.frames.at(id);
    const ResolvedFrame& frame = entry.resolution;
    list += list.empty() ? "" : ",";
    list += "{\"functionName\":" + Quote(tables_.strings.at(frame.function_name)) +
            ",\"filename\":" + Quote(tables_.strings.at(frame.filename)) +
            ",\"line\":" + std::to_string(frame.line) +
            ",\"column\":" + std::to_string(frame.column) +
            ",\"flags\":" + std::to_string(entry.flags()) + "}";
  }
  return "[" + list + "]";
}

double RecordedStacks::WalkTime(uint32_t limit) {
  constexpr int kRounds = 101;
  constexpr int kWalks = 100;
  std::vector<FrameId> frames(limit);
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kWalks; ++i) walker_->Walk(frames.data(), limit);
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - begin;
    times.push_back(time.count() / kWalks);
  }
  std::sort(times.begin(), times.end());
  return times[kRounds / 2];
}

void RecordedStacks::Clear() {
  stacks_.clear();
  tables_.Clear();
  resolver_->Clear();
  walker_->Clear();
}

std::string RecordedStacks::Difference(const Stack& stack, uint64_t* frames,
                                       uint64_t* approximate) const {
  const size_t count = stack.expected.size();
  if (stack.walked.size() != count) {
    return std::to_string(stack.walked.size()) + " frames where V8 shows " + std::to_string(count);
  }
  if (count < kFrameLimit && stack.total != count) return "a wrong total of frames";
  std::string difference;
  for (size_t i = 0; i < count; ++i) {
    const FrameTable::Entry& walked = tables_.frames.at(stack.walked[i]);
    ++*frames;
    if ((walked.flags() & kFrameApproximate) != 0) ++*approximate;
    if (!difference.empty()) continue;
    difference = FrameDifference(walked, stack.expected[i]);
    if (!difference.empty())
      difference = std::string("frame ") + std::to_string(i) + ": " + difference;
  }
  return difference;
}

std::string RecordedStacks::FrameDifference(const FrameTable::Entry& walked,
                                            const ExpectedFrame& expected) const {
  const ResolvedFrame& own = walked.resolution;
  if (!walked.resolved) return "not resolved";
  if (walked.key.script_id != expected.script_id) return "script";
  if (tables_.strings.at(own.function_name) != expected.function_name) return "function name";
  if (IsNamedByV8(expected.filename) && tables_.strings.at(own.filename) != expected.filename) {
    return "filename";
  }
  // An approximate frame does not claim a line. The caller checks the number of these frames.
  if ((walked.flags() & kFrameApproximate) != 0) return "";
  if (own.line != static_cast<uint32_t>(expected.line)) return "line";
  if (own.column != static_cast<uint32_t>(expected.column)) return "column";
  return "";
}

std::string RecordedStacks::Describe(FrameId id) const {
  const FrameTable::Entry& entry = tables_.frames.at(id);
  return Place(tables_.strings.at(entry.resolution.function_name),
               tables_.strings.at(entry.resolution.filename),
               static_cast<int>(entry.resolution.line), static_cast<int>(entry.resolution.column)) +
         ((entry.flags() & kFrameApproximate) != 0 ? " (approximate)" : "");
}

}  // namespace tracemalloc
