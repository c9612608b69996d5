// SPDX-License-Identifier: MIT
// The fallback engine: V8's own sampling heap profiler through its public API. It works on any V8
// for which this binary was built, but knows functions only (the line is the function's first),
// attributes an inlined callee's memory to its caller, and knows live memory only.
#ifndef TRACEMALLOC_V8_HEAP_PUBLIC_SAMPLER_H_
#define TRACEMALLOC_V8_HEAP_PUBLIC_SAMPLER_H_

#include <v8-profiler.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "v8/engine.h"

namespace tracemalloc {

class PublicSampler final : public Engine {
 public:
  // `reason`: why there is no better engine; Report() returns it.
  explicit PublicSampler(std::string reason) : reason_(std::move(reason)) {}
  ~PublicSampler() override { Stop(); }

  Status Start(v8::Isolate* isolate, const EngineOptions& options, Tables* tables) override;
  void Stop() override;
  void Refresh() override;
  // V8 returns names and counters together, on its heap.
  void RefreshCounters() override { Refresh(); }
  void Forget() override;
  void Resume() override;
  Status AppendLeftOut(const Ages& ages, std::vector<LeftOut>* rows) override;
  bool SumAges(const Ages&, std::vector<SiteAges>*) override { return false; }
  bool FindSite(v8::Local<v8::Value>, SiteId*) override { return false; }  // V8 does not provide it
  bool AppendAddresses(const std::vector<bool>&, std::vector<uintptr_t>*) override { return false; }
  EngineReport Report() const override;
  void Renumber(const Renumbering& ids) noexcept override;
  size_t MemoryUsage() const override;

 private:
  using Node = v8::AllocationProfile::Node;

  // Interns the sites of `node`'s subtree that are not known from the previous reading.
  void InternNodes(const Node* node, std::vector<FrameId>* path);
  FrameId InternFrame(const Node* node);

  std::string reason_;
  v8::Isolate* isolate_ = nullptr;
  EngineOptions options_{};
  Tables* tables_ = nullptr;
  bool running_ = false;
  bool lost_ = false;
  // V8 never reuses a node's id between start and stop.
  std::unordered_map<uint32_t, SiteId> site_of_node_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_HEAP_PUBLIC_SAMPLER_H_
