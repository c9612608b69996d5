// SPDX-License-Identifier: MIT
// The interface between the tracer and the code that samples. An engine observes one isolate's
// allocations and keeps the tables' sites up to date. All functions are called on the isolate's
// thread, outside GC; only those of IdHolder are also called when a GC ends.
#ifndef TRACEMALLOC_V8_ENGINE_H_
#define TRACEMALLOC_V8_ENGINE_H_

#include <v8.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/interval_controller.h"
#include "core/left_out.h"
#include "core/reclaim.h"
#include "core/site_ages.h"
#include "core/status.h"
#include "core/tables.h"

namespace tracemalloc {

class CurrentLabels;

constexpr uint32_t kMaxTraceback = 128;

struct EngineOptions {
  IntervalController* interval;  // outlives the engine
  double untuned_interval;       // for an engine that can't tune it
  bool traces_heap;              // else the buffers' interval is the one that is shown
  uint32_t traceback_limit;      // frames kept, 1 to kMaxTraceback
  const CurrentLabels* labels;   // outlives the engine
  uint64_t seed;
};

struct EngineReport {
  const char* name = "";               // "public-sampler", "allocation-hook"
  const char* precision = "function";  // or "line"
  std::string reason;                  // why the precision is not better; empty: it is the best
  bool lost = false;                   // other code stopped the sampler: figures are final
  std::vector<std::pair<std::string, double>> diagnostics;  // counters of every kind of loss
};

class Engine : public IdHolder {
 public:
  // kSamplerInUse: another sampler runs. kUnsupportedPlatform: not possible on this V8, with the
  // reason.
  virtual Status Start(v8::Isolate* isolate, const EngineOptions& options, Tables* tables) = 0;
  // Idempotent. No callback is called afterwards.
  virtual void Stop() = 0;
  // Brings counters and resolved frames up to date for a reader.
  virtual void Refresh() = 0;
  // Only the counters: naming frames allocates on V8's heap, which would be counted.
  virtual void RefreshCounters() = 0;
  // Forgets everything traced; the tracer then clears the tables.
  virtual void Forget() = 0;
  // Continues after that, with empty tables.
  virtual void Resume() = 0;
  // To be called after Refresh(): appends the part of the live figures that `ages` leaves out.
  // kUnsupportedPrecision: this engine can't know.
  virtual Status AppendLeftOut(const Ages& ages, std::vector<LeftOut>* rows) = 0;
  // Adds up how old the live objects are that `ages` shows, by site. False: this engine can't know.
  virtual bool SumAges(const Ages& ages, std::vector<SiteAges>* sums) = 0;
  // To be called after Refresh(): the site of `object`, or, if it is an array, of its elements.
  // False: it was not sampled.
  virtual bool FindSite(v8::Local<v8::Value> object, SiteId* site) = 0;
  // Tagged addresses of the sampled objects of these sites that have survived a collection; valid
  // until the next one. False: this engine can't know.
  virtual bool AppendAddresses(const std::vector<bool>& sites, std::vector<uintptr_t>* objects) = 0;
  virtual EngineReport Report() const = 0;
  virtual size_t MemoryUsage() const = 0;  // beyond the tables
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_ENGINE_H_
