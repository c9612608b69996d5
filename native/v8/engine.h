// SPDX-License-Identifier: MIT
// The seam between the tracer and what feeds it. An engine watches one isolate's allocations and
// keeps the tables' sites true. Everything is called on the isolate's thread, outside GC; only
// IdHolder's part is called when one ends, too.
#ifndef TRACEMALLOC_V8_ENGINE_H_
#define TRACEMALLOC_V8_ENGINE_H_

#include <v8.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/newborn.h"
#include "core/reclaim.h"
#include "core/status.h"
#include "core/tables.h"

namespace tracemalloc {

struct EngineOptions {
  double sample_interval;    // mean bytes between samples, >= 1
  uint32_t traceback_limit;  // frames kept, 1..128
  uint64_t seed;
};

struct EngineReport {
  const char* name = "";                                    // "public-sampler", "allocation-hook"
  const char* precision = "function";                       // or "line"
  std::string reason;                                       // why not better; empty: nothing better
  bool lost = false;                                        // someone stopped us: figures are final
  std::vector<std::pair<std::string, double>> diagnostics;  // counters of every kind of loss
};

class Engine : public IdHolder {
 public:
  // kSamplerInUse: someone else's sampler runs. kUnsupportedPlatform: not on this V8, and why.
  virtual Status Start(v8::Isolate* isolate, const EngineOptions& options, Tables* tables) = 0;
  // Idempotent. Afterwards no callback comes any more.
  virtual void Stop() = 0;
  // Makes counters and resolved frames true for a reader.
  virtual void Refresh() = 0;
  // The counters alone: naming allocates on V8's heap, where it would be among what is counted.
  virtual void RefreshCounters() = 0;
  // Forgets all that was traced; the tracer then clears the tables.
  virtual void Forget() = 0;
  // Goes on after that, with empty tables.
  virtual void Resume() = 0;
  // After Refresh(): what of the live figures no collection has tried yet. kUnsupportedPrecision:
  // this engine can't tell.
  virtual Status FindNewborns(std::vector<Newborn>* newborns) = 0;
  // Live bytes by site, of what was there when that batch was written. False: this engine can't
  // tell.
  virtual bool SumElders(uint32_t batch, std::vector<double>* sizes) = 0;
  // After Refresh(): where `object`, or if it is an array its elements, were allocated. False: no
  // sample stands for it.
  virtual bool FindSite(v8::Local<v8::Value> object, SiteId* site) = 0;
  virtual EngineReport Report() const = 0;
  virtual size_t MemoryUsage() const = 0;  // beyond the tables
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_ENGINE_H_
