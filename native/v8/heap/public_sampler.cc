// SPDX-License-Identifier: MIT
#include "v8/heap/public_sampler.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <string>

#include "core/sampler.h"
#include "core/script_name.h"

namespace tracemalloc {

namespace {

std::string Text(v8::Isolate* isolate, v8::Local<v8::String> text) {
  if (text.IsEmpty()) return "";
  const v8::String::Utf8Value utf8(isolate, text);
  return *utf8 == nullptr ? "" : std::string(*utf8, static_cast<size_t>(utf8.length()));
}

}  // namespace

Status PublicSampler::Start(v8::Isolate* isolate, const EngineOptions& options, Tables* tables) {
  isolate_ = isolate;
  options_ = options;
  tables_ = tables;
  tables->sample_interval =
      options.interval->is_self_tuning() ? options.untuned_interval : options.interval->interval();
  const bool started = isolate->GetHeapProfiler()->StartSamplingHeapProfiler(
      static_cast<uint64_t>(std::max(1.0, tables->sample_interval)),
      static_cast<int>(options.traceback_limit));
  if (!started) {
    return Status::Error(StatusCode::kSamplerInUse,
                         "another heap sampler (DevTools, --heap-prof, an APM agent) is active in "
                         "this isolate; V8 has room for one: stop it, then start again");
  }
  running_ = true;
  lost_ = false;
  return Status::Ok();
}

void PublicSampler::Stop() {
  if (!running_) return;
  running_ = false;
  site_of_node_ = decltype(site_of_node_)();
  // After a loss the sampler, if there is one, belongs to other code.
  if (!lost_) isolate_->GetHeapProfiler()->StopSamplingHeapProfiler();
}

FrameId PublicSampler::InternFrame(const Node* node) {
  ResolvedFrame resolution;
  resolution.function_name = tables_->strings.Intern(BoundedName(Text(isolate_, node->name)));
  FrameKey key;
  if (node->script_id == v8::UnboundScript::kNoScriptId) {
    // Builtins such as push, and V8's labels such as (V8 API), have only a name.
    const uint64_t hash = std::hash<std::string>()(tables_->strings.at(resolution.function_name));
    key.function_id = static_cast<int32_t>(hash);
    key.position = static_cast<int32_t>(hash >> 32);
    key.flags = kFrameNative;
  } else {
    key.script_id = node->script_id;
    key.function_id = key.position = node->start_position;
    key.flags = kFrameApproximate;
    resolution.filename = tables_->strings.Intern(ScriptName(Text(isolate_, node->script_name)));
    resolution.line = static_cast<uint32_t>(std::max(0, node->line_number));
    resolution.column = static_cast<uint32_t>(std::max(0, node->column_number));
  }
  bool is_new;
  const FrameId id = tables_->frames.Intern(key, &is_new);
  if (is_new) tables_->frames.Resolve(id, resolution);
  return id;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as stacks are kept, 128 frames at most
void PublicSampler::InternNodes(const Node* node, std::vector<FrameId>* path) {
  if (!node->allocations.empty() && site_of_node_.count(node->node_id) == 0) {
    const std::vector<FrameId> innermost_first(path->rbegin(), path->rend());
    const uint32_t count = static_cast<uint32_t>(innermost_first.size());
    const uint32_t total = count < options_.traceback_limit ? count : 0;
    site_of_node_[node->node_id] =
        tables_->sites.Intern(Domain::kHeap, innermost_first.data(), count, total);
  }
  for (const Node* child : node->children) {
    // A builtin called by JavaScript (push, map) is not shown, since users look for their own code;
    // without JavaScript the name is all that is known.
    const bool is_shown = child->script_id != v8::UnboundScript::kNoScriptId || path->empty();
    if (is_shown) path->push_back(InternFrame(child));
    InternNodes(child, path);
    if (is_shown) path->pop_back();
  }
}

void PublicSampler::Refresh() {
  if (!running_ || lost_) return;
  const v8::HandleScope scope(isolate_);
  const std::unique_ptr<v8::AllocationProfile> profile(
      isolate_->GetHeapProfiler()->GetAllocationProfile());
  if (profile == nullptr) {
    lost_ = true;
    return;
  }
  std::vector<FrameId> path;
  InternNodes(profile->GetRootNode(), &path);

  // V8 rounds its own scaled counts per node and size; the samples' plain sizes give unrounded
  // estimates and their variance.
  std::vector<SiteCounters> live(tables_->sites.size());
  std::unordered_map<uint32_t, SiteId> seen;
  for (const v8::AllocationProfile::Sample& sample : profile->GetSamples()) {
    const auto node = site_of_node_.find(sample.node_id);
    if (node == site_of_node_.end()) continue;
    seen.insert(*node);
    const double size = static_cast<double>(sample.size);
    const double weight = SampleWeight(size, tables_->sample_interval);
    SiteCounters& counters = live[node->second];
    counters.live_size += size * weight;
    counters.live_count += weight;
    counters.live_variance += SampleVariance(size, weight);
    counters.live_samples++;
  }
  site_of_node_.swap(seen);
  for (SiteId id = 0; id < live.size(); id++) {
    if (tables_->sites.at(id).domain != Domain::kHeap) continue;
    const SiteCounters& c = live[id];
    tables_->sites.SetLive(id, c.live_size, c.live_count, c.live_variance, c.live_samples);
  }
  tables_->sites.UpdatePeak();
}

Status PublicSampler::AppendLeftOut(const Ages&, std::vector<LeftOut>*) {
  return Status::Error(StatusCode::kUnsupportedPrecision,
                       "the age of objects is known with line precision "
                       "only, and this is function precision: " +
                           reason_);
}

void PublicSampler::Forget() {
  if (!running_) return;
  Refresh();  // notices a loss
  site_of_node_.clear();
  if (!lost_) isolate_->GetHeapProfiler()->StopSamplingHeapProfiler();
}

void PublicSampler::Resume() {
  if (running_ && !lost_) lost_ = !Start(isolate_, options_, tables_).ok();
}

EngineReport PublicSampler::Report() const {
  EngineReport report;
  report.name = "public-sampler";
  report.precision = "function";
  report.reason = reason_;
  report.lost = lost_;
  return report;
}

void PublicSampler::Renumber(const Renumbering& ids) noexcept {
  for (auto it = site_of_node_.begin(); it != site_of_node_.end();) {
    it->second = ids.sites[it->second];
    it = it->second == kGone ? site_of_node_.erase(it) : std::next(it);
  }
}

size_t PublicSampler::MemoryUsage() const {
  return site_of_node_.size() * (sizeof(std::pair<uint32_t, SiteId>) + 2 * sizeof(void*)) +
         site_of_node_.bucket_count() * sizeof(void*);
}

}  // namespace tracemalloc
