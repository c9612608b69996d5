// SPDX-License-Identifier: MIT
#include "process/mappings.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace tracemalloc {
namespace {

constexpr size_t kKib = 1024;
constexpr size_t kMib = 1024 * kKib;
constexpr size_t kGib = 1024 * kMib;

// V8 requests random addresses below 2^46, aligned to 256 KiB (heap pages) or 64 KiB (tables);
// programs that are not position-independent lie below 2^32, and other mappings get higher
// addresses.
constexpr uintptr_t kV8Start = uintptr_t{1} << 32;
constexpr uintptr_t kV8End = uintptr_t{1} << 46;
constexpr size_t kV8Alignment = 64 * kKib;
// glibc reserves arenas in aligned pieces of this size and opens them from the front.
constexpr size_t kArenaSize = 64 * kMib;
// A 32-bit WebAssembly memory is followed by a guard region of at least this size.
constexpr size_t kWasmGuard = 4 * kGib;
constexpr size_t kLargestStack = 16 * kMib;
// Larger mappings are a sanitizer's shadow memory, which would take seconds to measure.
constexpr size_t kLargest = 1024 * kGib;

// Removes and returns the text up to a separator.
std::string_view Take(std::string_view* text, char separator) {
  const size_t end = text->find(separator);
  const std::string_view taken = text->substr(0, end);
  *text = end == std::string_view::npos ? std::string_view() : text->substr(end + 1);
  return taken;
}

bool ParseAddress(std::string_view text, uintptr_t* address) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, *address, 16);
  return error == std::errc() && stop == end;
}

bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

MappingName NameOf(std::string_view text) {
  if (text == "[heap]") return MappingName::kHeap;
  if (text == "[stack]") return MappingName::kStack;
  for (const char* kernels : {"[vdso", "[vvar", "[vsyscall"}) {
    if (StartsWith(text, kernels)) return MappingName::kKernel;
  }
  return MappingName::kNone;
}

bool IsReservation(const Mapping& mapping) {
  return !mapping.is_file && !mapping.is_readable && !mapping.is_writable && !mapping.is_executable;
}

bool IsArena(const Mapping& mapping, size_t reserved_after) {
  if (reserved_after > 0) {
    return reserved_after < kArenaSize && (mapping.end + reserved_after) % kArenaSize == 0;
  }
  return mapping.start % kArenaSize == 0 && mapping.end % kArenaSize == 0;
}

}  // namespace

bool ParseMapping(std::string_view line, Mapping* mapping) {
  // start-end access offset device inode name
  if (!ParseAddress(Take(&line, '-'), &mapping->start)) return false;
  if (!ParseAddress(Take(&line, ' '), &mapping->end)) return false;
  const std::string_view access = Take(&line, ' ');
  if (access.size() != 4) return false;
  mapping->is_readable = access[0] == 'r';
  mapping->is_writable = access[1] == 'w';
  mapping->is_executable = access[2] == 'x';
  Take(&line, ' ');
  Take(&line, ' ');
  mapping->is_file = Take(&line, ' ') != "0";
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  mapping->name = NameOf(line);
  return true;
}

MappingKind KindOf(const Mapping& mapping, const Mapping* before, const Mapping* after) {
  if (mapping.is_file || !mapping.is_readable || mapping.name == MappingName::kKernel ||
      mapping.size() > kLargest) {
    return MappingKind::kNone;
  }
  if (mapping.name == MappingName::kHeap) return MappingKind::kArena;
  if (mapping.name == MappingName::kStack) return MappingKind::kStack;
  const bool is_behind_reservation =
      before != nullptr && before->end == mapping.start && IsReservation(*before);
  const size_t reserved_after =
      after != nullptr && after->start == mapping.end && IsReservation(*after) ? after->size() : 0;
  if (mapping.is_executable) return MappingKind::kCode;
  if (reserved_after >= kWasmGuard) return MappingKind::kWasm;
  if (mapping.is_writable && IsArena(mapping, reserved_after)) return MappingKind::kArena;
  if (mapping.start >= kV8Start && mapping.start < kV8End && mapping.start % kV8Alignment == 0) {
    return MappingKind::kV8;
  }
  if (is_behind_reservation && mapping.size() <= kLargestStack) return MappingKind::kStack;
  return MappingKind::kOther;
}

}  // namespace tracemalloc
