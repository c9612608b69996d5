// SPDX-License-Identifier: MIT
#include "tracer.h"

#include <node_version.h>

#include <atomic>
#include <random>
#include <utility>

#include "v8/allocation_hook.h"
#include "v8/public_sampler.h"

namespace tracemalloc {

const BuiltFor kBuiltFor{NODE_MAJOR_VERSION, NODE_MODULE_VERSION};

namespace {

std::atomic<int> tracing_environments{0};

// The stack walker reads x64 machine code.
#ifdef __x86_64__
constexpr bool kHasStackWalker = true;
#else
constexpr bool kHasStackWalker = false;
#endif

}  // namespace

int Tracer::TracingEnvironments() { return tracing_environments; }

Status Tracer::Start(const TracerOptions& options) {
  if (is_tracing()) return Status::Ok();
  const Status status = StartEngine(options);
  if (is_tracing()) tracing_environments++;
  return status;
}

Status Tracer::StartEngine(const TracerOptions& options) {
  std::random_device random;
  const uint64_t seed = (static_cast<uint64_t>(random()) << 32) | random();
  const EngineOptions engine_options{options.sample_interval, options.traceback_limit, seed};
  std::string reason = "function precision was asked for";
  if (options.precision != Precision::kFunction) {
    const Status status = StartAllocationHook(engine_options);
    // V8 has room for one sampler: where the hook finds it taken, so would the fallback.
    if (status.ok() || status.code == StatusCode::kSamplerInUse ||
        options.precision == Precision::kLine) {
      return status;
    }
    reason = status.message;
  }
  auto engine = std::make_unique<PublicSampler>(reason);
  const Status status = engine->Start(isolate_, engine_options, &tables_);
  if (status.ok()) engine_ = std::move(engine);
  return status;
}

Status Tracer::StartAllocationHook(const EngineOptions& options) {
  if (!kHasStackWalker) {
    return Status::Error(StatusCode::kUnsupportedPlatform,
                         "lines are known on x64 only, this is another architecture");
  }
  Status status;
  if (walker_ == nullptr) {
    resolver_ = FrameResolver::Create(isolate_, &tables_);
    status = StackWalker::Create(isolate_, &tables_.frames, resolver_.get(), &walker_);
  }
  if (status.ok()) {
    auto engine = std::make_unique<AllocationHook>(walker_.get(), resolver_.get());
    status = engine->Start(isolate_, options, &tables_);
    if (status.ok()) {
      engine_ = std::move(engine);
      return status;
    }
  }
  walker_.reset();
  resolver_.reset();
  tables_.Clear();
  return status;
}

void Tracer::Stop() {
  if (!is_tracing()) return;
  UnwatchHeapLimit();
  engine_->Stop();
  engine_.reset();
  tracing_environments--;
  if (walker_ != nullptr) {
    walker_->Clear();
    resolver_->Clear();
  }
  tables_.Clear();
  writer_.Reset();
}

std::vector<uint8_t> Tracer::TakeBatch(uint32_t acknowledged) {
  engine_->Refresh();
  return writer_.Write(&tables_, acknowledged);
}

void Tracer::Clear() {
  engine_->Clear();
  writer_.Reset();
}

void Tracer::ResetPeak() {
  engine_->Refresh();
  tables_.sites.ResetPeak();
}

void Tracer::WatchHeapLimit(HeapLimitOptions options) {
  UnwatchHeapLimit();
  heap_limit_ = std::make_unique<HeapLimitWatch>(isolate_, *engine_, &tables_, resolver_.get(),
                                                 std::move(options));
}

size_t Tracer::MemoryUsage() const {
  return sizeof(*this) + tables_.MemoryUsage() + (engine_ == nullptr ? 0 : engine_->MemoryUsage()) +
         (walker_ == nullptr ? 0 : walker_->MemoryUsage()) +
         (resolver_ == nullptr ? 0 : resolver_->MemoryUsage());
}

}  // namespace tracemalloc
