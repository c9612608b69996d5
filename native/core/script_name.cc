// SPDX-License-Identifier: MIT
#include "core/script_name.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <iterator>

namespace tracemalloc {

namespace {

// The maximum length of a path.
constexpr size_t kLongest = 4096;
constexpr size_t kLongestType = 64;

constexpr std::string_view kCut = "\u2026#";

// A hash of the whole text, by FNV-1a.
std::string Number(std::string_view text) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211u;
  char number[32];
  std::snprintf(number, sizeof(number), "%08x", static_cast<unsigned>(hash ^ hash >> 32));
  return number;
}

bool BeginsWith(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); i++) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

// With its colon; empty: not a URL. A single letter is a drive.
std::string_view SchemeOf(std::string_view name) {
  size_t end = 0;
  while (end < name.size() &&
         (std::isalnum(static_cast<unsigned char>(name[end])) != 0 ||
          (end > 0 && (name[end] == '+' || name[end] == '-' || name[end] == '.')))) {
    end++;
  }
  const bool is_scheme = end > 1 && end < name.size() && name[end] == ':' &&
                         std::isalpha(static_cast<unsigned char>(name[0])) != 0;
  return is_scheme ? name.substr(0, end + 1) : std::string_view();
}

// As the URL standard reads it: without what surrounds it, and without line breaks and tabs.
std::string AsUrl(std::string_view name) {
  const auto is_around = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!name.empty() && is_around(name.front())) name.remove_prefix(1);
  while (!name.empty() && is_around(name.back())) name.remove_suffix(1);
  std::string url;
  std::copy_if(name.begin(), name.end(), std::back_inserter(url),
               [](char c) { return c != '\t' && c != '\n' && c != '\r'; });
  return url;
}

std::string_view MediaType(std::string_view text) {
  size_t end = 0;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
          std::string_view("+-./").find(text[end]) != std::string_view::npos)) {
    end++;
  }
  const bool is_type =
      end <= kLongestType && end < text.size() && (text[end] == ',' || text[end] == ';');
  return is_type ? text.substr(0, end) : std::string_view();
}

}  // namespace

std::string BoundedName(std::string_view name) {
  if (name.size() <= kLongest) return std::string(name);
  size_t end = kLongest;
  while (end > 0 && (static_cast<uint8_t>(name[end]) & 0xc0) == 0x80) end--;
  return std::string(name.substr(0, end)).append(kCut).append(Number(name));
}

std::string ScriptName(std::string_view given) {
  const std::string url = AsUrl(given);
  const std::string_view scheme = SchemeOf(url);
  const std::string_view name = scheme.empty() ? given : std::string_view(url);
  std::string_view rest = name.substr(scheme.size());
  if (BeginsWith(scheme, "data:")) {
    return std::string("data:")
        .append(MediaType(rest))
        .append(",")
        .append(kCut)
        .append(Number(name));
  }
  if (BeginsWith(scheme, "javascript:")) {
    return std::string("javascript:").append(kCut).append(Number(name));
  }
  if (scheme.empty() || rest.substr(0, 2) != "//") return BoundedName(name);
  rest.remove_prefix(2);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const size_t user = rest.substr(0, rest.find('/')).rfind('@');
  if (user != std::string_view::npos) rest.remove_prefix(user + 1);
  return BoundedName(std::string(scheme).append("//").append(rest));
}

}  // namespace tracemalloc
