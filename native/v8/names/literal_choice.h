// SPDX-License-Identifier: MIT
// Which literal a frame stands for: one of those that share what the code tells of its position, or
// of those that one literal of constants holds. The object that was made there may decide.
#ifndef TRACEMALLOC_V8_NAMES_LITERAL_CHOICE_H_
#define TRACEMALLOC_V8_NAMES_LITERAL_CHOICE_H_

#include <v8.h>

#include <cstdint>
#include <vector>

#include "core/frame.h"
#include "v8/names/literal_placer.h"

namespace tracemalloc {

// A literal and where it is.
struct PlacedFrame {
  PlacedObject object;
  int32_t position = -1;
  uint32_t line = 0;
  uint32_t column = 0;
};

class LiteralChoice {
 public:
  // For a frame at one of these bytecodes of its function.
  LiteralChoice(const FrameKey& key, const std::vector<PlacedBytecode>& places);

  // The likeliest place, and whether there is no other.
  int32_t position() const { return position_; }
  bool is_exact() const { return is_exact_; }
  // Whether all places are on one line, which SetPlaces has found; it is in *line then.
  bool IsOnOneLine(uint32_t* line) const;
  // Whether an object can tell more.
  bool is_open() const { return !is_exact_ && !frames_.empty(); }

  void AddPositions(std::vector<int32_t>* positions) const;
  template <typename PlaceAt>
  void SetPlaces(const PlaceAt& place_at) {
    place_at(told_.position, &told_.line, &told_.column);
    for (PlacedFrame& frame : frames_) place_at(frame.position, &frame.line, &frame.column);
  }

  // The literal that made the object, or the position that V8 told if none of them can have. Null:
  // that can't be said. Runs no JavaScript.
  const PlacedFrame* Choose(v8::Isolate* isolate, const Layout* layout,
                            v8::Local<v8::Value> object) const;
  size_t MemoryUsage() const;

 private:
  int32_t position_;
  bool is_exact_ = false;
  bool has_calls_ = false;     // or what else may make anything
  bool has_stores_ = false;    // which may make elements
  bool has_unkinded_ = false;  // a literal that is told by no kind: of a template, a class
  PlacedFrame told_;           // of bytecodes that are no literals; position -1: there are none
  std::vector<PlacedFrame> frames_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_LITERAL_CHOICE_H_
