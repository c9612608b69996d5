// SPDX-License-Identifier: MIT
#include "test/traced_objects.h"

#include <string>
#include <unordered_map>
#include <vector>

#include "v8/names/pinned_object.h"

namespace tracemalloc {

Status TracedObjects::Start(double sample_interval, v8::Local<v8::Function> place) {
  resolver_ = FrameResolver::Create(isolate_, &tables_);
  resolver_->SetPlacer(place);
  Status status = StackWalker::Create(isolate_, &tables_.frames, resolver_.get(), &walker_);
  if (!status.ok()) return status;
  interval_ = IntervalController::Fixed(sample_interval, 0);
  hook_ = std::make_unique<AllocationHook>(walker_.get(), resolver_.get());
  constexpr uint32_t kFrames = 2;
  constexpr uint64_t kSeed = 1;
  return hook_->Start(isolate_, {&interval_, sample_interval, true, kFrames, &labels_, kSeed},
                      &tables_);
}

void TracedObjects::Stop() {
  if (hook_) hook_->Stop();
}

v8::Local<v8::Array> TracedObjects::Judge(v8::Local<v8::Array> kept) {
  struct Seen {
    uint32_t index;
    FrameId frame;
    FrameId caller;
  };
  struct Collector {
    const SiteTable* sites;
    std::unordered_map<uintptr_t, uint32_t> indexes;
    std::vector<Seen> seen;
  } collector{&tables_.sites, {}, {}};
  hook_->Refresh();
  const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
  for (uint32_t i = 0; i < kept->Length(); ++i) {
    v8::HandleScope handles(isolate_);
    v8::Local<v8::Value> object;
    if (kept->Get(context, i).ToLocal(&object)) collector.indexes[TaggedAddressOf(object)] = i;
  }
  // Nothing may be allocated on V8's heap while addresses are in use.
  hook_->VisitSamples(
      [](v8::Local<v8::Value> object, const Site& site, void* data) {
        auto* to = static_cast<Collector*>(data);
        const auto found = to->indexes.find(TaggedAddressOf(object));
        if (found == to->indexes.end() || site.frame_count < 2) return;
        const FrameId* frames = to->sites->frames(site);
        to->seen.push_back({found->second, frames[0], frames[1]});
      },
      &collector);
  hook_->Stop();

  std::vector<v8::Local<v8::Value>> values;
  for (const Seen& seen : collector.seen) {
    const FrameTable::Entry& frame = tables_.frames.at(seen.frame);
    const FrameTable::Entry& caller = tables_.frames.at(seen.caller);
    const std::string& filename = tables_.strings.at(frame.resolution.filename);
    v8::Local<v8::String> name;
    if (!v8::String::NewFromUtf8(isolate_, filename.c_str(), v8::NewStringType::kInternalized)
             .ToLocal(&name)) {
      continue;
    }
    values.push_back(v8::Integer::NewFromUnsigned(isolate_, seen.index));
    values.push_back(name);
    values.push_back(v8::Integer::NewFromUnsigned(isolate_, frame.resolution.line));
    values.push_back(v8::Integer::NewFromUnsigned(isolate_, caller.resolution.line));
    values.push_back(v8::Integer::NewFromUnsigned(isolate_, frame.key.flags));
    values.push_back(v8::Integer::NewFromUnsigned(isolate_, caller.key.flags));
  }
  return v8::Array::New(isolate_, values.data(), values.size());
}

}  // namespace tracemalloc
