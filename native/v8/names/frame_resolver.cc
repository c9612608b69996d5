// SPDX-License-Identifier: MIT
#include "v8/names/frame_resolver.h"

#include <node_version.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/native_labels.h"
#include "core/vector_room.h"
#include "v8/names/frame_literals.h"
#include "v8/names/literal_choice.h"
#include "v8/names/pinned_object.h"
#include "v8/names/script_info.h"
#include "v8/names/script_notes.h"
#include "v8/names/source_lines.h"

namespace tracemalloc {
namespace {

// Overhead per node of a hash map, for MemoryUsage.
constexpr size_t kNodeOverhead = 3 * sizeof(void*);

class PinningFrameResolver : public FrameResolver {
 public:
  PinningFrameResolver(v8::Isolate* isolate, Tables* tables, const Layout* layout)
      : isolate_(isolate),
        tables_(tables),
        layout_(layout),
        literals_(isolate, &tables->frames, layout, &is_placing_),
        notes_(isolate) {}

  void FirstSight(FrameId id, uintptr_t shared_function_info, uintptr_t script) override {
    const FrameKey& key = tables_->frames.at(id).key;
    if ((key.flags & kFrameNative) != 0 || script == 0 || shared_function_info == 0) return;
    Script& known = scripts_[key.script_id];
    known.new_frames.push_back(id);
    if (known.new_frames.size() == 1) pinned_scripts_++;
    if (known.object.IsEmpty()) known.object = Pin(isolate_, script);
    const auto added = functions_.try_emplace(FunctionKey(key));
    Function& function = added.first->second;
    if (added.second) function.object = Pin(isolate_, shared_function_info);
    if (key.bytecode != -1) literals_.FirstSight(key, shared_function_info);
  }

  void SetPlacer(v8::Local<v8::Function> place) override { literals_.SetPlacer(place); }

  bool PlaceNext() override {
    if (!literals_.has_placer()) return false;
    v8::HandleScope handles(isolate_);
    if (isolate_->GetCurrentContext().IsEmpty()) return false;
    uint64_t function;
    if (!literals_.TakeUnplaced(&function)) return false;
    const auto script = scripts_.find(static_cast<int32_t>(function >> 32));
    // If it was resolved or removed meanwhile, it is not new any more.
    if (script != scripts_.end() && !script->second.object.IsEmpty() &&
        literals_.NeedsPlaces(function)) {
      ScriptInfo info(isolate_, layout_);
      literals_.Place(&info, function, script->second.object.Get(isolate_));
    }
    return true;
  }

  bool Refine(FrameId id, v8::Local<v8::Value> object, FrameId* refined) override {
    const PlacedFrame* chosen = literals_.Choose(id, object);
    if (chosen == nullptr) return false;
    FrameKey key = tables_->frames.at(id).key;
    key.position = chosen->position;
    key.flags &= ~static_cast<uint32_t>(kFrameApproximate);
    key.bytecode = -1;
    ResolvedFrame resolution = tables_->frames.at(id).resolution;
    resolution.line = chosen->line;
    resolution.column = chosen->column;
    resolution.approximate = false;
    resolution.near_column = false;
    bool is_new = false;
    *refined = tables_->frames.Intern(key, &is_new);
    if (is_new) tables_->frames.Resolve(*refined, resolution);
    return true;
  }

  void ResolveLike(FrameId id, FrameId known) override { alike_.emplace_back(id, known); }

  void ResolveNew() override {
    ResolvePinned();
    literals_.ForgetUnplaced();
    ResolveAlike();
    alike_.clear();
    GiveBackRoom(&alike_);
    // Frames that were not pinned: labels, and frames without a script.
    for (; checked_ < tables_->frames.size(); ++checked_) {
      if (!tables_->frames.at(checked_).resolved) ResolveLabel(checked_, tables_);
    }
  }

  size_t pinned_scripts() const override { return pinned_scripts_; }

  ScriptNotes* script_notes() override { return &notes_; }

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
      const auto name_of = [&](FrameId id) {
        const auto function = functions_.find(FunctionKey(tables_->frames.at(id).key));
        const bool is_known = function != functions_.end() && function->second.object.IsEmpty();
        return is_known ? function->second.name : unresolved;
      };
      FrameLiterals::Choices none;
      PlaceFrames(&info, known.new_frames, script, filename, name_of, &none);
    }
    ResolveAlike();
  }

  // A frame that is not named yet may refer to a known frame that nothing else needs.
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

  // Unpins what is removed, and so the sources.
  void Renumber(const Renumbering& ids) noexcept override {
    for (auto it = functions_.begin(); it != functions_.end();) {
      Function& function = it->second;
      function.name = function.is_needed ? ids.strings[function.name] : 0;
      if (!function.is_needed) literals_.Forget(it->first);
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
      if (!script.is_needed) notes_.Forget(it->first);
      it = script.is_needed ? std::next(it) : scripts_.erase(it);
    }
    notes_.DropForgotten();
    GiveBackBuckets(&functions_);
    GiveBackBuckets(&scripts_);
    auto kept = alike_.begin();
    for (const auto& [id, known] : alike_) {
      if (ids.frames[id] != kGone) *kept++ = {ids.frames[id], ids.frames[known]};
    }
    alike_.erase(kept, alike_.end());
    literals_.Renumber(ids);
    checked_ = 0;
  }

  void Clear() override {
    scripts_.clear();
    functions_.clear();
    alike_.clear();
    literals_.Clear();
    notes_.Clear();
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
    bytes += literals_.MemoryUsage();
    bytes += notes_.MemoryUsage();
    return bytes + functions_.size() * (sizeof(*functions_.begin()) + kNodeOverhead);
  }

 private:
  struct Script {
    PinnedObject object;  // set only while there are new frames
    std::vector<FrameId> new_frames;
    StringId filename = 0;
    bool is_named = false;
    bool is_needed = true;
  };
  struct Function {
    PinnedObject object;  // set only until it is named
    StringId name = 0;
    bool is_needed = true;
  };

  void ResolveAlike() {
    for (const auto& [id, known] : alike_) {
      const ResolvedFrame resolution = tables_->frames.at(known).resolution;
      tables_->frames.Resolve(id, resolution);
    }
  }

  // Resolving allocates on V8's heap, which may be sampled and so add new frames: no references
  // into our tables are held across a call to V8, and the rounds are repeated until there are no
  // new frames.
  void ResolvePinned() {
    if (layout_ == nullptr) return;
    v8::HandleScope handles(isolate_);
    const v8::Local<v8::Context> context = isolate_->GetCurrentContext();
    if (context.IsEmpty()) return;
    ScriptInfo info(isolate_, layout_);
    // The frames of this loop itself appear in the first round or two.
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
    FrameLiterals::Choices choices = literals_.TakeChoices(info, frames, script);
    PlaceFrames(
        info, frames, script, scripts_[script_id].filename,
        [this](FrameId id) { return functions_[FunctionKey(tables_->frames.at(id).key)].name; },
        &choices);
    literals_.KeepOpen(&choices);
  }

  // Resolves `frames`, all of one script, and `choices` among them.
  template <typename NameOf>
  void PlaceFrames(ScriptInfo* info, const std::vector<FrameId>& frames,
                   v8::Local<v8::Value> script, StringId filename, const NameOf& name_of,
                   FrameLiterals::Choices* choices) {
    std::vector<int32_t> positions;
    positions.reserve(frames.size());
    const auto position_of = [&](FrameId id) {
      const auto choice = choices->find(id);
      return choice == choices->end() ? tables_->frames.at(id).key.position
                                      : choice->second.position();
    };
    for (const FrameId id : frames) positions.push_back(position_of(id));
    for (const auto& choice : *choices) choice.second.AddPositions(&positions);
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());

    std::vector<SourcePlace> places(positions.size());
    const v8::Local<v8::String> source = info->Source(script);
    int32_t line_offset = 0;
    int32_t column_offset = 0;
    if (!source.IsEmpty() && info->Offsets(script, &line_offset, &column_offset)) {
      places = FindPlaces(isolate_, source, positions);
    }
    const auto place_at = [&](int32_t position, uint32_t* line, uint32_t* column) {
      const auto it = std::lower_bound(positions.begin(), positions.end(), position);
      const SourcePlace& place = places[static_cast<size_t>(it - positions.begin())];
      if (place.line < 0) return;
      const int32_t in_line = place.column + (place.line == 0 ? column_offset : 0);
      *line = static_cast<uint32_t>(std::max(place.line + line_offset + 1, 0));
      *column = static_cast<uint32_t>(std::max(in_line + 1, 0));
    };
    for (auto& choice : *choices) choice.second.SetPlaces(place_at);
    for (const FrameId id : frames) {
      ResolvedFrame resolved;
      resolved.filename = filename;
      resolved.function_name = name_of(id);
      place_at(position_of(id), &resolved.line, &resolved.column);
      const auto choice = choices->find(id);
      uint32_t line;
      if (choice != choices->end() && !choice->second.is_exact() &&
          choice->second.IsOnOneLine(&line)) {
        resolved.line = line;
        resolved.near_column = true;
      } else {
        // Without a placer V8's own positions are used.
        const bool is_literal = tables_->frames.at(id).key.bytecode != -1 && literals_.has_placer();
        resolved.approximate =
            is_literal && (choice == choices->end() || !choice->second.is_exact());
      }
      tables_->frames.Resolve(id, resolved);
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
      notes_.Note(info, key.script_id, shared, script, filename);
    }
    const std::string name = info->FunctionName(shared, script, key.function_id);
    functions_[function_key].name = tables_->strings.Intern(name);
  }

  v8::Isolate* isolate_;
  Tables* tables_;
  const Layout* layout_;  // nullptr: no walker runs on this V8, so there are only labels
  std::unordered_map<int32_t, Script> scripts_;
  std::unordered_map<uint64_t, Function> functions_;
  std::vector<std::pair<FrameId, FrameId>> alike_;  // new frames, each with a known one
  FrameLiterals literals_;
  ScriptNotes notes_;
  FrameId checked_ = 0;
  size_t pinned_scripts_ = 0;  // scripts with new frames
};

}  // namespace

std::unique_ptr<FrameResolver> FrameResolver::Create(v8::Isolate* isolate, Tables* tables) {
  std::string reason;
  const Layout* layout = FindLayout(NODE_MODULE_VERSION, v8::V8::GetVersion(), &reason);
  return std::make_unique<PinningFrameResolver>(isolate, tables, layout);
}

}  // namespace tracemalloc
