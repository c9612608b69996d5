// SPDX-License-Identifier: MIT
#include "v8/walker/self_test.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <new>
#include <string>
#include <vector>

#include "layout/bytecode/allocating_bytecodes.h"
#include "layout/frames/frame_reader.h"
#include "v8/caught_errors.h"
#include "v8/flags.h"
#include "v8/walker/collection_watch.h"
#include "v8/walker/stack_comparison.h"

namespace tracemalloc {
namespace {

// The programs are compiled with these offsets, which the fields of Script must show.
constexpr int kLineOffset = 5;
constexpr int kColumnOffset = 3;

// Interpreter: functions, methods, accessors, constructors, callbacks of builtins, generators, and
// statements at varied columns. probe() compares.
constexpr char kInterpreted[] = R"js((function (probe) {
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

// The other tiers: a call in an inlined function, and the same after deoptimization.
constexpr char kCompiledHead[] = R"js((function (probe) {
  let current = () => {};
  const call = () => { current(); return 1; };
  function leaf(o) {
    const a = [o.v]; call();
    for (let i = 0; i < 2; i++) a[0] += i;
    return a[0] +
        call();
  }
  function top(o) { return leaf(o) +
      leaf(o); }
  const o = { v: 1 };
)js";
constexpr char kCompiledTail[] = R"js(
  current = probe;
  top(o);
})
)js";
constexpr char kOptimizedTail[] = R"js(
  current = probe;
  top(o);
  current = () => { %DeoptimizeFunction(top); probe(); };
  top(o);
})
)js";
constexpr char kPrepare[] = R"js(
  %NeverOptimizeFunction(call);
  %PrepareFunctionForOptimization(leaf); %PrepareFunctionForOptimization(top);
  top(o); top(o);
)js";

// Differs from the programs that are compiled while V8's test functions are allowed: V8 would
// compile one of those from its cache even when they are not, so a test that was interrupted could
// not be repeated.
constexpr char kAsksForNatives[] = "%IsSparkplugEnabled() !== undefined";

struct TierProgram {
  Tier tier;
  const char* enabled;  // an expression: whether V8 compiles for the tier at all
  const char* compile;
  const char* tail;
};
constexpr TierProgram kTierPrograms[] = {
    {Tier::kBaseline, "%IsSparkplugEnabled()", "%CompileBaseline(leaf); %CompileBaseline(top);",
     kCompiledTail},
    {Tier::kMaglev, "%IsMaglevEnabled()", "%OptimizeMaglevOnNextCall(top); top(o);",
     kOptimizedTail},
    {Tier::kTurbofan, "%IsTurbofanEnabled()", "%OptimizeFunctionOnNextCall(top); top(o);",
     kOptimizedTail},
};

class SelfTest {
 public:
  SelfTest(v8::Isolate* isolate, FrameReader* reader, TestedTiers tested)
      : isolate_(isolate), reader_(reader), collections_(isolate), tiers_(tested) {}

  bool Run(std::vector<Tier>* unseen, std::string* reason) {
    const bool passed = RunInterpreted() && RunCompiled(unseen);
    if (is_starved_) throw std::bad_alloc();
    if (!passed) *reason = "the self-test failed: " + difference_;
    return passed;
  }

  TestedTiers tested() const { return tiers_; }

 private:
  bool RunInterpreted() { return IsSeen(Tier::kInterpreter) || Call(kInterpreted); }

  // Allows V8's test functions during the test. If they can't be allowed, the compiled tiers remain
  // untested.
  bool RunCompiled(std::vector<Tier>* unseen) {
    const auto is_seen = [this](const TierProgram& program) { return IsSeen(program.tier); };
    if (std::all_of(std::begin(kTierPrograms), std::end(kTierPrograms), is_seen)) return true;
    const TestFunctions functions([this] { return Compiles(kAsksForNatives); });
    for (const TierProgram& program : kTierPrograms) {
      if (IsSeen(program.tier) || !Evaluates(program.enabled)) continue;
      if (!RunTier(program)) return false;
      if (!IsSeen(program.tier)) unseen->push_back(program.tier);
    }
    return true;
  }

  // V8 may deoptimize the code before its frame is compared, for its own reasons or with
  // --deopt-every-n-times: then the program is run again. A missing frame is not a failure.
  bool RunTier(const TierProgram& program) {
    constexpr int kMostPrograms = 12;
    const std::string text = std::string(kCompiledHead) + kPrepare + program.compile + program.tail;
    for (int tries = 0; tries < kMostPrograms && !IsSeen(program.tier); ++tries) {
      if (Call(text)) continue;
      // Maglev of some patch levels (Node 24.0 to 24.19) keeps no positions at all.
      if (program.tier == Tier::kMaglev) {
        difference_ += " (in Maglev's code; node --no-maglev gives exact lines)";
      }
      return false;
    }
    return true;
  }

  bool IsSeen(Tier tier) const { return (tiers_ & (1u << static_cast<int>(tier))) != 0; }

  v8::MaybeLocal<v8::Script> Compile(const std::string& program) {
    v8::Local<v8::String> source;
    if (!v8::String::NewFromUtf8(isolate_, program.c_str()).ToLocal(&source)) return {};
    v8::ScriptOrigin origin(
#if V8_MAJOR_VERSION < 12
        isolate_,
#endif
        v8::String::Empty(isolate_), kLineOffset, kColumnOffset);
    return v8::Script::Compile(isolate_->GetCurrentContext(), source, &origin);
  }

  v8::MaybeLocal<v8::Value> Evaluate(const std::string& program) {
    v8::Local<v8::Script> script;
    if (!Compile(program).ToLocal(&script)) return {};
    return script->Run(isolate_->GetCurrentContext());
  }

  bool Compiles(const char* program) {
    const CaughtErrors errors(isolate_);
    return !Compile(program).IsEmpty();
  }

  bool Evaluates(const char* program) {
    const CaughtErrors errors(isolate_);
    v8::Local<v8::Value> value;
    return Evaluate(program).ToLocal(&value) && value->IsTrue();
  }

  // Node itself collects garbage while it starts. Frames read before a collection and compared
  // after it prove nothing.
  bool Call(const std::string& program) {
    constexpr int kMostTries = 3;
    for (int tries = 1;; ++tries) {
      const uint32_t begun = collections_.count();
      if (CallOnce(program)) return true;
      if (collections_.count() == begun || tries == kMostTries) return false;
      difference_.clear();
    }
  }

  bool CallOnce(const std::string& program) {
    const CaughtErrors errors(isolate_);
    v8::Local<v8::Context> context = isolate_->GetCurrentContext();
    v8::Local<v8::Value> made;
    v8::Local<v8::Function> probe;
    v8::Local<v8::Value> result;
    own_script_ = 0;
    literals_.clear();
    program_ = program;
    if (!Evaluate(program).ToLocal(&made) || !made->IsFunction() ||
        !v8::Function::New(context, Probe, Pointer()).ToLocal(&probe)) {
      difference_ = "it could not be compiled";
      return false;
    }
    v8::Local<v8::Value> argument = probe;
    if (!made.As<v8::Function>()
             ->Call(context, v8::Undefined(isolate_), 1, &argument)
             .ToLocal(&result) &&
        difference_.empty()) {
      difference_ = "it did not run";
    }
    return difference_.empty();
  }

  v8::Local<v8::Value> Pointer() {
#if V8_MAJOR_VERSION > 14 || (V8_MAJOR_VERSION == 14 && V8_MINOR_VERSION >= 6)
    return v8::External::New(isolate_, this, v8::kExternalPointerTypeTagDefault);
#else
    return v8::External::New(isolate_, this);
#endif
  }

  static void Probe(const v8::FunctionCallbackInfo<v8::Value>& info) {
    v8::Local<v8::External> pointer = info.Data().As<v8::External>();
#if V8_MAJOR_VERSION > 14 || (V8_MAJOR_VERSION == 14 && V8_MINOR_VERSION >= 6)
    auto* test = static_cast<SelfTest*>(pointer->Value(v8::kExternalPointerTypeTagDefault));
#else
    auto* test = static_cast<SelfTest*>(pointer->Value());
#endif
    if (!test->difference_.empty() || test->is_starved_) return;
    try {
      test->Compare();
    } catch (const std::bad_alloc&) {
      test->is_starved_ = true;  // Run throws it
    }
  }

  void Compare() {
    reader_->CodeMayHaveMoved();  // no GC callbacks are registered yet
    std::vector<ComparedFrame> frames;
    if (!PairStacks(isolate_, reader_, &frames, &difference_)) return;
    own_script_ = own_script_ == 0 ? frames[0].own.key.script_id : own_script_;
    for (const ComparedFrame& frame : frames) {
      if (frame.own.key.script_id != own_script_) continue;
      if (!CompareFrame(frame)) return;
      tiers_ |= 1u << static_cast<int>(frame.own.tier);
    }
  }

  bool CompareFrame(const ComparedFrame& frame) {
    if ((frame.own.key.flags & kFrameApproximate) != 0) {
      difference_ =
          std::string("the position of a ") + TierName(frame.own.tier) + " frame can't be had";
      return false;
    }
    return SamePlace(isolate_, frame, kLineOffset, kColumnOffset, &difference_) &&
           CompareLiteral(frame) && CompareScript(frame) && CompareLoop(frame) &&
           CompareConstants(frame);
  }

  // Literal ids are small, and each function of the program has its own.
  bool CompareLiteral(const ComparedFrame& frame) {
    constexpr int kMostFunctions = 32;
    const v8::String::Utf8Value name(isolate_, frame.expected->GetFunctionName());
    const std::string key = *name == nullptr ? "" : *name;
    if (key.empty()) return true;
    const auto known = literals_.emplace(key, frame.own.key.function_id);
    bool same = known.first->second == frame.own.key.function_id && frame.own.key.function_id > 0 &&
                frame.own.key.function_id < kMostFunctions;
    for (const auto& other : literals_) {
      same = same && (other.first == key || other.second != frame.own.key.function_id);
    }
    if (!same) difference_ = "a function's literal id is not as expected";
    return same;
  }

  bool CompareScript(const ComparedFrame& frame) {
    const HeapView heap(&reader_->layout(), Memory::kChecked);
    const Layout& layout = reader_->layout();
    int32_t line;
    int32_t column;
    if (heap.SmiField(frame.own.script, layout.script_line_offset, &line) &&
        heap.SmiField(frame.own.script, layout.script_column_offset, &column) &&
        line == kLineOffset && column == kColumnOffset) {
      return true;
    }
    difference_ = "the script's place is not as expected";
    return false;
  }

  bool CompareLoop(const ComparedFrame& frame) {
    const size_t loop = program_.find("for (let");
    const v8::String::Utf8Value name(isolate_, frame.expected->GetFunctionName());
    if (loop == std::string::npos || *name == nullptr || std::strcmp(*name, "leaf") != 0) {
      return true;
    }
    const HeapView heap(&reader_->layout(), Memory::kChecked);
    FunctionPositions functions(reader_->layout().node_module_version);
    if (functions.IsLoopEnd(heap, FunctionPositions::BytecodeOf(heap, frame.own.shared),
                            static_cast<int32_t>(loop))) {
      return true;
    }
    difference_ = "a loop's end is not as expected";
    return false;
  }

  // The programs' own functions make closures, each of a function.
  bool CompareConstants(const ComparedFrame& frame) {
    const HeapView heap(&reader_->layout(), Memory::kChecked);
    AllocatingBytecodes places(reader_->layout().node_module_version);
    const uintptr_t bytecode_array = FunctionPositions::BytecodeOf(heap, frame.own.shared);
    bool same = places.Decode(heap, bytecode_array);
    for (const AllocatingBytecode& place : places.all()) {
      uintptr_t function;
      same = same && (place.kind != BytecodeKind::kClosure ||
                      (BytecodeConstant(heap, bytecode_array, place.constant, &function) &&
                       heap.HasType(function, reader_->layout().type_shared_function_info)));
    }
    if (!same) difference_ = "what a function allocates is not as expected";
    return same;
  }

  v8::Isolate* isolate_;
  FrameReader* reader_;
  CollectionWatch collections_;
  std::string program_;
  std::string difference_;
  std::map<std::string, int32_t> literals_;  // function name -> literal id
  int own_script_ = 0;
  TestedTiers tiers_;
  bool is_starved_ = false;
};

}  // namespace

bool RunSelfTest(v8::Isolate* isolate, FrameReader* reader, TestedTiers* tested,
                 std::vector<Tier>* unseen, std::string* reason) {
  v8::HandleScope handles(isolate);
  SelfTest test(isolate, reader, *tested);
  if (!test.Run(unseen, reason)) return false;
  *tested = test.tested();
  return true;
}

}  // namespace tracemalloc
