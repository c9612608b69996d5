// SPDX-License-Identifier: MIT
// Decides which literal a frame stands for: one of those that share the position in the code, or of
// those inside one literal of constants. The object that was made there may decide.
#ifndef TRACEMALLOC_V8_NAMES_LITERAL_CHOICE_H_
#define TRACEMALLOC_V8_NAMES_LITERAL_CHOICE_H_

#include <v8.h>

#include <cstdint>
#include <vector>

#include "core/frame.h"
#include "v8/names/literal_placer.h"

namespace tracemalloc {

// A literal and its place.
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

  // The likeliest place, and whether it is the only one.
  int32_t position() const { return position_; }
  bool is_exact() const { return is_exact_; }
  // Whether all places, set by SetPlaces, are on one line, which is then in *line.
  bool IsOnOneLine(uint32_t* line) const;
  // Whether an object can still decide.
  bool is_open() const { return !is_exact_ && !frames_.empty(); }

  void AddPositions(std::vector<int32_t>* positions) const;
  template <typename PlaceAt>
  void SetPlaces(const PlaceAt& place_at) {
    place_at(told_.position, &told_.line, &told_.column);
    for (PlacedFrame& frame : frames_) place_at(frame.position, &frame.line, &frame.column);
  }

  // The literal that made the object, or the position that V8 reports if none of them can have made
  // it. Null: not known. Runs no JavaScript.
  const PlacedFrame* Choose(v8::Isolate* isolate, const Layout* layout,
                            v8::Local<v8::Value> object) const;
  size_t MemoryUsage() const;

 private:
  int32_t position_;
  bool is_exact_ = false;
  bool has_calls_ = false;     // or other bytecodes that may make anything
  bool has_stores_ = false;    // stores, which may make elements
  bool has_unkinded_ = false;  // a literal without a kind: of a template, a class
  PlacedFrame told_;           // for bytecodes that are not literals; position -1: there are none
  std::vector<PlacedFrame> frames_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_V8_NAMES_LITERAL_CHOICE_H_
