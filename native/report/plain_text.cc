// SPDX-License-Identifier: MIT
#include "report/plain_text.h"

#include <cstdio>

namespace tracemalloc {

namespace {

constexpr char32_t kReplacement = 0xfffd;

// Unicode 17: the general categories Cc, Cf, Zl and Zp, and Default_Ignorable_Code_Point.
constexpr struct {
  char32_t first, last;
} kHidden[] = {
    {0x0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},
    {0x600, 0x605},     {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},
    {0x890, 0x891},     {0x8e2, 0x8e2},     {0x115f, 0x1160},   {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
    {0xfff0, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool IsHidden(char32_t character) {
  for (const auto& [first, last] : kHidden) {
    if (character <= last) return character >= first;
  }
  return false;
}

void PutUtf8(char32_t c, Output* out) {
  if (c < 0x80) return out->Put(static_cast<char>(c));
  const int rest = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  const char32_t lead = rest == 1 ? 0xc0 : rest == 2 ? 0xe0 : 0xf0;
  out->Put(static_cast<char>(lead | c >> (6 * rest)));
  for (int i = rest - 1; i >= 0; i--) out->Put(static_cast<char>(0x80 | (c >> (6 * i) & 0x3f)));
}

void PutUnit(char32_t unit, Output* out) {
  char text[16];
  std::snprintf(text, sizeof(text), "\\u%04x", static_cast<unsigned>(unit));
  out->Put(text);
}

}  // namespace

void PlainText::Put(std::string_view piece) {
  for (const char byte : piece) PutByte(static_cast<uint8_t>(byte));
}

void PlainText::PutByte(uint8_t byte) {
  if (missing_ > 0 && (byte & 0xc0) == 0x80) {
    character_ = character_ << 6 | (byte & 0x3f);
    if (--missing_ > 0) return;
    constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_one = character_ >= kLeast[size_] && character_ <= 0x10ffff &&
                        (character_ < 0xd800 || character_ > 0xdfff);
    return PutCharacter(is_one ? character_ : kReplacement);
  }
  End();
  if (byte < 0x80) return PutCharacter(byte);
  size_ = (byte & 0xe0) == 0xc0 ? 2 : (byte & 0xf0) == 0xe0 ? 3 : (byte & 0xf8) == 0xf0 ? 4 : 0;
  if (size_ == 0) return PutCharacter(kReplacement);
  character_ = byte & (0x7f >> size_);
  missing_ = size_ - 1;
}

void PlainText::End() {
  if (missing_ > 0) PutCharacter(kReplacement);
  missing_ = 0;
}

void PlainText::PutCharacter(char32_t c) {
  if (form_ == Form::kJson && (c == '"' || c == '\\')) out_->Put('\\');
  if (!IsHidden(c)) return PutUtf8(c, out_);
  if (c == '\n') return out_->Put("\\n");
  if (c == '\r') return out_->Put("\\r");
  if (c == '\t') return out_->Put("\\t");
  if (c < 0x10000) return PutUnit(c, out_);
  PutUnit(0xd800 + ((c - 0x10000) >> 10), out_);
  PutUnit(0xdc00 + ((c - 0x10000) & 0x3ff), out_);
}

void PutPlain(std::string_view text, Output* out) {
  PlainText(PlainText::Form::kText, out).Put(text);
}

void PutJson(std::string_view text, Output* out) {
  out->Put('"');
  PlainText(PlainText::Form::kJson, out).Put(text);
  out->Put('"');
}

}  // namespace tracemalloc
