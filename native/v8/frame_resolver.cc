// SPDX-License-Identifier: MIT
#include "v8/frame_resolver.h"

#include <cstring>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "v8/native_labels.h"
#include "v8/safe_read.h"

namespace tracemalloc {
namespace {

// To V8's public API a function's SharedFunctionInfo is an UnboundScript (src/api/api.cc at 11.3 to
// 14.6: every method of UnboundScript asks the SharedFunctionInfo for its script). That gives names
// and positions exactly as V8 itself prints them, without a layout of ours.
using FunctionHandle = v8::Global<v8::UnboundScript>;

v8::Local<v8::UnboundScript> AsUnboundScript(const uintptr_t* tagged) {
  v8::Local<v8::UnboundScript> local;
  static_assert(sizeof(local) == sizeof(tagged), "a Local is the address of a slot");
  std::memcpy(static_cast<void*>(&local), &tagged, sizeof(local));
  return local;
}

uintptr_t Tagged(v8::Local<v8::UnboundScript> function) {
  const uintptr_t* slot;
  std::memcpy(&slot, static_cast<const void*>(&function), sizeof(slot));
  return *slot;
}

class ScriptFrameResolver : public FrameResolver {
 public:
  ScriptFrameResolver(v8::Isolate* isolate, Tables* tables) : isolate_(isolate), tables_(tables) {
    int type;
    can_tell_origin_ =
        (V8DebugConstant("class_Script__eval_from_shared_or_wrapped_arguments__Object",
                         &eval_from_shared_) ||
         V8DebugConstant("class_Script__eval_from_shared_or_wrapped_arguments__Tagged_Object_",
                         &eval_from_shared_)) &&
        V8DebugConstant("class_Script__eval_from_position__SMI", &eval_from_position_) &&
        V8DebugConstant("type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE", &type);
    shared_type_ = static_cast<uint16_t>(can_tell_origin_ ? type : 0);
  }

  void FirstSight(FrameId id, uintptr_t shared_function_info, uintptr_t) override {
    // GlobalizeReference copies the slot: it may live on this stack.
    pending_.push_back({id, FunctionHandle(isolate_, AsUnboundScript(&shared_function_info))});
  }

  void ResolveNew() override {
    if (resolved_ == tables_->frames.size()) return;
    const v8::HandleScope scope(isolate_);
    // Resolving allocates, allocating may be sampled, and that may bring new frames.
    while (isolate_->InContext() && !pending_.empty()) {
      std::vector<Pending> batch;
      batch.swap(pending_);
      for (const Pending& pending : batch) {
        const ResolvedFrame frame = Resolve(pending);
        tables_->frames.Resolve(pending.id, frame);
      }
    }
    for (; resolved_ < tables_->frames.size(); resolved_++) {
      const FrameTable::Entry& entry = tables_->frames.at(resolved_);
      if (entry.resolved) continue;
      ResolvedFrame label;
      label.function_name = tables_->strings.Intern(NativeLabel(entry.key));
      tables_->frames.Resolve(resolved_, label);
    }
  }

  void Clear() override {
    pending_.clear();
    resolved_ = 0;
  }

  size_t MemoryUsage() const override { return pending_.capacity() * sizeof(Pending); }

 private:
  struct Pending {
    FrameId id;
    FunctionHandle function;
  };

  ResolvedFrame Resolve(const Pending& pending) {
    const FrameKey key = tables_->frames.at(pending.id).key;  // the table may grow meanwhile
    const v8::Local<v8::UnboundScript> function = pending.function.Get(isolate_);
    ResolvedFrame resolved;
    resolved.filename = Intern(FileName(function));
    resolved.function_name = Intern(FunctionName(function));
    if (key.position >= 0) {
      resolved.line = OneBased(function->GetLineNumber(key.position));
      resolved.column = OneBased(function->GetColumnNumber(key.position));
    }
    return resolved;
  }

  static uint32_t OneBased(int zero_based) {
    return zero_based < 0 ? 0 : static_cast<uint32_t>(zero_based) + 1;
  }

  StringId Intern(const std::string& text) { return tables_->strings.Intern(text); }

  std::string Utf8(v8::Local<v8::Value> value) {
    if (value.IsEmpty() || !value->IsString()) return {};
    const v8::String::Utf8Value text(isolate_, value);
    return *text == nullptr ? std::string()
                            : std::string(*text, static_cast<size_t>(text.length()));
  }

  // As StackFrame::GetScriptNameOrSourceURL(); code without either is named by where it was made.
  std::string FileName(v8::Local<v8::UnboundScript> function) {
    std::string name = Utf8(function->GetSourceURL());
    if (name.empty()) name = Utf8(function->GetScriptName());
    return name.empty() ? EvalOrigin(function) : name;
  }

  // As StackFrame::GetFunctionName(): a function object made for the purpose, which is never
  // called, answers with its own, its inferred or its empty name.
  std::string FunctionName(v8::Local<v8::UnboundScript> function) {
    const v8::Local<v8::Script> bound = function->BindToCurrentContext();
    v8::Local<v8::Function> closure;
    std::memcpy(static_cast<void*>(&closure), static_cast<const void*>(&bound), sizeof(closure));
    return Utf8(closure->GetDebugName());
  }

  // "eval at f (file.js:3:7)", as V8's stack texts say it; "(eval)" when it can't be told.
  std::string EvalOrigin(v8::Local<v8::UnboundScript> function) {
    if (!can_tell_origin_) return "(eval)";
    uintptr_t script, caller, position, map;
    uint16_t type;
    int shared_script;
    if (!(V8DebugConstant("class_SharedFunctionInfo__script__Tagged_HeapObject_", &shared_script) ||
          V8DebugConstant("class_SharedFunctionInfo__script_or_debug_info__HeapObject",
                          &shared_script)) ||
        !SafeRead(Tagged(function) - 1 + shared_script, &script) || (script & 3) != 1 ||
        !SafeRead(script - 1 + eval_from_shared_, &caller) || (caller & 3) != 1 ||
        !SafeRead(script - 1 + eval_from_position_, &position) || !SafeRead(caller - 1, &map) ||
        !SafeRead(map - 1 + 12, &type) || type != shared_type_) {
      return "(eval)";
    }
    const v8::Local<v8::UnboundScript> from =
        v8::Local<v8::UnboundScript>::New(isolate_, AsUnboundScript(&caller));
    const std::string in = FileName(from);
    const std::string name = FunctionName(from);
    std::string origin = "eval at " + (name.empty() ? "<anonymous>" : name) + " (" + in;
    // A negative position is a bytecode offset that V8 has not translated yet.
    const int32_t at = static_cast<int32_t>(position >> 32);
    if (at >= 0) {
      origin += ":" + std::to_string(from->GetLineNumber(at) + 1) + ":" +
                std::to_string(from->GetColumnNumber(at) + 1);
    }
    return origin + ")";
  }

  v8::Isolate* isolate_;
  Tables* tables_;
  std::vector<Pending> pending_;
  FrameId resolved_ = 0;
  bool can_tell_origin_ = false;
  int eval_from_shared_ = 0;
  int eval_from_position_ = 0;
  uint16_t shared_type_ = 0;
};

}  // namespace

std::unique_ptr<FrameResolver> FrameResolver::Create(v8::Isolate* isolate, Tables* tables) {
  return std::make_unique<ScriptFrameResolver>(isolate, tables);
}

}  // namespace tracemalloc
