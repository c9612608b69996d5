// SPDX-License-Identifier: MIT
#include "napi/moment.h"

#include <cstdint>

namespace tracemalloc {

bool IsBadMoment(v8::Isolate* isolate, const std::string& own) {
  const auto stack = v8::StackTrace::CurrentStackTrace(isolate, 200);
  for (int i = 0; i < stack->GetFrameCount(); ++i) {
    const auto frame = stack->GetFrame(isolate, static_cast<uint32_t>(i));
    const v8::String::Utf8Value name(isolate, frame->GetScriptName());
    if (*name == nullptr) continue;
    const std::string script(*name);
    if (script == "node:internal/bootstrap/realm") return true;
    if (!own.empty() && script.rfind(own, 0) == 0) return true;
  }
  return false;
}

bool IsInNode(v8::Isolate* isolate) {
  const auto stack = v8::StackTrace::CurrentStackTrace(isolate, 1);
  if (stack->GetFrameCount() == 0) return true;
  const v8::String::Utf8Value name(isolate, stack->GetFrame(isolate, 0)->GetScriptName());
  return *name != nullptr && std::string(*name).rfind("node:", 0) == 0;
}

}  // namespace tracemalloc
