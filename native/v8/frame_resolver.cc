// SPDX-License-Identifier: MIT
#include "v8/frame_resolver.h"

#include <node_version.h>

#include <algorithm>
#include <iterator>
#include <new>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/frame_text.h"
#include "v8/native_labels.h"
#include "v8/pinned_object.h"
#include "v8/script_info.h"
#include "v8/source_lines.h"

namespace tracemalloc {
namespace {

// Costs per node of a hash map, for MemoryUsage.
constexpr size_t kNodeOverhead = 3 * sizeof(void*);

class PinningFrameResolver : public FrameResolver {
 public:
  PinningFrameResolver(v8::Isolate* isolate, Tables* tables, const Layout* layout)
      : isolate_(isolate), tables_(tables), layout_(layout) {}

  void FirstSight(FrameId id, uintptr_t shared_function_info, uintptr_t script) override {
    const FrameKey& key = tables_->frames.at(id).key;
    if ((key.flags & kFrameNative) != 0 || script == 0 || shared_function_info == 0) return;
    Script& known = scripts_[key.script_id];
    known.new_frames.push_back(id);
    if (known.new_frames.size() == 1) pinned_scripts_++;
    if (known.object.IsEmpty()) known.object = Pin(isolate_, script);
    const auto added = functions_.try_emplace(FunctionKey(key));
    if (added.second) added.first->second.object = Pin(isolate_, shared_function_info);
  }

  void ResolveLike(FrameId id, FrameId known) override { alike_.emplace_back(id, known); }

  void ResolveNew() override {
    ResolvePinned();
    ResolveAlike();
    alike_.clear();
    // Whatever was not pinned: labels, and frames of someone who could not tell a script.
    for (; checked_ < tables_->frames.size(); ++checked_) {
      if (!tables_->frames.at(checked_).resolved) ResolveLabel(checked_, tables_);
    }
  }

  size_t pinned_scripts() const override { return pinned_scripts_; }

  void ResolveNewInPlace() override {
    if (layout_ == nullptr) return;
    v8::HandleScope handles(isolate_);
    ScriptInfo info(isolate_, layout_);
    const StringId unresolved = tables_->strings.Intern(kUnresolved);
    for (const auto& [script_id, known] : scripts_) {
      if (known.new_frames.empty() || known.object.IsEmpty()) continue;
      const v8::Local<v8::Value> script = known.object.Get(isolate_);
      StringId filename = known.filename;
      for (const FrameId id : known.new_frames) {
        if (known.is_named || filename != 0) break;
        const auto function = functions_.find(FunctionKey(tables_->frames.at(id).key));
        if (function == functions_.end() || function->second.object.IsEmpty()) continue;
        const std::string name = info.NameWithoutOrigin(function->second.object.Get(isolate_));
        filename = tables_->strings.Intern(name);
      }
      PlaceFrames(&info, known.new_frames, script, filename, [&](FrameId id) {
        const auto function = functions_.find(FunctionKey(tables_->frames.at(id).key));
        const bool is_known = function != functions_.end() && function->second.object.IsEmpty();
        return is_known ? function->second.name : unresolved;
      });
    }
    ResolveAlike();
  }

  // What is not named yet may be like a frame that nobody else needs.
  void MarkFrames(std::vector<bool>* frames) override {
    for (const auto& [id, known] : alike_) {
      if ((*frames)[id]) (*frames)[known] = true;
    }
  }

  void MarkStrings(const std::vector<bool>& frames, std::vector<bool>* strings) override {
    for (auto& [key, function] : functions_) function.is_needed = false;
    for (auto& [id, script] : scripts_) script.is_needed = false;
    for (FrameId id = 0; id < frames.size(); id++) {
      if (!frames[id]) continue;
      const FrameKey& key = tables_->frames.at(id).key;
      const auto function = functions_.find(FunctionKey(key));
      const auto script = scripts_.find(key.script_id);
      if (function == functions_.end() || script == scripts_.end()) continue;
      function->second.is_needed = script->second.is_needed = true;
      (*strings)[function->second.name] = (*strings)[script->second.filename] = true;
    }
  }

  // Unpins what is given back, and with it the sources.
  void Renumber(const Renumbering& ids) noexcept override {
    for (auto it = functions_.begin(); it != functions_.end();) {
      Function& function = it->second;
      function.name = function.is_needed ? ids.strings[function.name] : 0;
      it = function.is_needed ? std::next(it) : functions_.erase(it);
    }
    for (auto it = scripts_.begin(); it != scripts_.end();) {
      Script& script = it->second;
      const auto gone = [&ids](FrameId& id) { return (id = ids.frames[id]) == kGone; };
      auto& frames = script.new_frames;
      const bool was_pinned = !frames.empty();
      frames.erase(std::remove_if(frames.begin(), frames.end(), gone), frames.end());
      if (was_pinned && frames.empty()) {
        pinned_scripts_--;
        script.object.Reset();
      }
      script.filename = script.is_needed ? ids.strings[script.filename] : 0;
      it = script.is_needed ? std::next(it) : scripts_.erase(it);
    }
    GiveBackBuckets(&functions_);
    GiveBackBuckets(&scripts_);
    auto kept = alike_.begin();
    for (const auto& [id, known] : alike_) {
      if (ids.frames[id] != kGone) *kept++ = {ids.frames[id], ids.frames[known]};
    }
    alike_.erase(kept, alike_.end());
    checked_ = 0;
  }

  void Clear() override {
    scripts_.clear();
    functions_.clear();
    alike_.clear();
    checked_ = 0;
    pinned_scripts_ = 0;
  }

  size_t MemoryUsage() const override {
    size_t bytes = sizeof(*this);
    for (const auto& script : scripts_) {
      bytes += sizeof(script) + kNodeOverhead;
      bytes += script.second.new_frames.capacity() * sizeof(FrameId);
    }
    bytes += alike_.capacity() * sizeof(alike_.front());
    return bytes + functions_.size() * (sizeof(*functions_.begin()) + kNodeOverhead);
  }

 private:
  struct Script {
    PinnedObject object;  // only while there are new frames
    std::vector<FrameId> new_frames;
    StringId filename = 0;
    bool is_named = false;
    bool is_needed = true;
  };
  struct Function {
    PinnedObject object;  // only until it is named
    StringId name = 0;
    bool is_needed = true;
  };

  // Those of a map that has become much smaller; where memory is short, they stay.
  template <typename Map>
  static void GiveBackBuckets(Map* map) noexcept {
    if (map->bucket_count() <= 8 * (map->size() + 16)) return;
    try {
      map->rehash(0);
    } catch (const std::bad_alloc&) {
      // They are used again.
    }
  }

  static uint64_t FunctionKey(const FrameKey& key) {
    return static_cast<uint64_t>(static_cast<uint32_t>(key.script_id)) << 32 |
           static_cast<uint32_t>(key.function_id);
  }

  void ResolveAlike() {
    for (const auto& [id, known] : alike_) {
      const ResolvedFrame resolution = tables_->frames.at(known).resolution;
      tables_->frames.Resolve(id, resolution);
    }
  }

  // Resolving allocates on V8's heap, which may be sampled, which may show us new frames: nothing
  // of ours is held by reference across a call to V8, and rounds go on until nothing is new.
  void ResolvePinned() {
    if (layout_ == nullptr) return;
    v8::HandleScope handles(isolate_);
    const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
    if (context.IsEmpty()) return;
    ScriptInfo info(isolate_, layout_);
    // The frames of this very loop are seen in the first round or two.
    constexpr int kMaxRounds = 8;
    for (int round = 0; round < kMaxRounds; ++round) {
      std::vector<int32_t> ids;
      for (const auto& script : scripts_) {
        if (!script.second.new_frames.empty()) ids.push_back(script.first);
      }
      if (ids.empty()) return;
      for (const int32_t id : ids) ResolveScript(&info, id);
    }
  }

  void ResolveScript(ScriptInfo* info, int32_t script_id) {
    v8::HandleScope handles(isolate_);
    std::vector<FrameId> frames;
    frames.swap(scripts_[script_id].new_frames);
    pinned_scripts_--;
    const v8::Local<v8::Value> script = scripts_[script_id].object.Get(isolate_);
    scripts_[script_id].object.Reset();

    for (const FrameId id : frames) NameFunction(info, id, script);
    PlaceFrames(info, frames, script, scripts_[script_id].filename, [this](FrameId id) {
      return functions_[FunctionKey(tables_->frames.at(id).key)].name;
    });
  }

  // Resolves `frames`, all of one script.
  template <typename NameOf>
  void PlaceFrames(ScriptInfo* info, const std::vector<FrameId>& frames,
                   v8::Local<v8::Value> script, StringId filename, const NameOf& name_of) {
    std::vector<std::pair<int32_t, FrameId>> order;
    order.reserve(frames.size());
    for (const FrameId id : frames) order.emplace_back(tables_->frames.at(id).key.position, id);
    std::sort(order.begin(), order.end());
    std::vector<int32_t> positions;
    positions.reserve(order.size());
    for (const auto& entry : order) positions.push_back(entry.first);

    std::vector<SourcePlace> places(positions.size());
    const v8::Local<v8::String> source = info->Source(script);
    int32_t line_offset = 0;
    int32_t column_offset = 0;
    if (!source.IsEmpty() && info->Offsets(script, &line_offset, &column_offset)) {
      places = FindPlaces(isolate_, source, positions);
    }
    for (size_t i = 0; i < order.size(); ++i) {
      ResolvedFrame resolved;
      resolved.filename = filename;
      resolved.function_name = name_of(order[i].second);
      if (places[i].line >= 0) {
        const int32_t column = places[i].column + (places[i].line == 0 ? column_offset : 0);
        resolved.line = static_cast<uint32_t>(std::max(places[i].line + line_offset + 1, 0));
        resolved.column = static_cast<uint32_t>(std::max(column + 1, 0));
      }
      tables_->frames.Resolve(order[i].second, resolved);
    }
  }

  // Names the frame's function, and with the first one the script.
  void NameFunction(ScriptInfo* info, FrameId id, v8::Local<v8::Value> script) {
    const FrameKey key = tables_->frames.at(id).key;
    const uint64_t function_key = FunctionKey(key);
    if (functions_[function_key].object.IsEmpty()) return;
    v8::HandleScope handles(isolate_);
    const v8::Local<v8::Value> shared = functions_[function_key].object.Get(isolate_);
    functions_[function_key].object.Reset();
    if (!scripts_[key.script_id].is_named) {
      const std::string filename = info->FileName(shared, script);
      scripts_[key.script_id].filename = tables_->strings.Intern(filename);
      scripts_[key.script_id].is_named = true;
    }
    const std::string name = info->FunctionName(shared, script, key.function_id);
    functions_[function_key].name = tables_->strings.Intern(name);
  }

  v8::Isolate* isolate_;
  Tables* tables_;
  const Layout* layout_;  // nullptr: no walker runs on this V8, so there are labels only
  std::unordered_map<int32_t, Script> scripts_;
  std::unordered_map<uint64_t, Function> functions_;
  std::vector<std::pair<FrameId, FrameId>> alike_;  // new frames, each with a known one
  FrameId checked_ = 0;
  size_t pinned_scripts_ = 0;  // those with new frames
};

}  // namespace

std::unique_ptr<FrameResolver> FrameResolver::Create(v8::Isolate* isolate, Tables* tables) {
  std::string reason;
  const Layout* layout = FindLayout(NODE_MODULE_VERSION, v8::V8::GetVersion(), &reason);
  return std::make_unique<PinningFrameResolver>(isolate, tables, layout);
}

}  // namespace tracemalloc
