// SPDX-License-Identifier: MIT
#include "tracer.h"

#include <node_version.h>

#include <random>
#include <utility>

#include "v8/public_sampler.h"

namespace tracemalloc {

const BuiltFor kBuiltFor{NODE_MAJOR_VERSION, NODE_MODULE_VERSION};

Status Tracer::Start(const TracerOptions& options) {
  if (is_tracing()) return Status::Ok();
  if (options.precision == Precision::kLine) {
    return Status::Error(StatusCode::kUnsupportedPlatform, "line precision is not built in");
  }
  std::random_device random;
  const uint64_t seed = (static_cast<uint64_t>(random()) << 32) | random();
  const EngineOptions engine_options{options.sample_interval, options.traceback_limit, seed};
  auto engine = std::make_unique<PublicSampler>("");
  const Status status = engine->Start(isolate_, engine_options, &tables_);
  if (status.ok()) engine_ = std::move(engine);
  return status;
}

void Tracer::Stop() {
  if (!is_tracing()) return;
  engine_->Stop();
  engine_.reset();
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

size_t Tracer::MemoryUsage() const {
  return sizeof(*this) + tables_.MemoryUsage() + (engine_ == nullptr ? 0 : engine_->MemoryUsage());
}

}  // namespace tracemalloc
