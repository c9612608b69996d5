// SPDX-License-Identifier: MIT
// MurmurHash3, the 32-bit variant for x86 with seed 0, of bytes that are added in pieces.
#ifndef TRACEMALLOC_CORE_MURMUR_HASH_H_
#define TRACEMALLOC_CORE_MURMUR_HASH_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tracemalloc {

class Murmur {
 public:
  void AddWord(uint32_t word) {
    hash_ = Rotated(hash_ ^ Scrambled(word), 13) * 5 + 0xE6546B64u;
    size_ += 4;
  }

  // Words and bytes must not be added after an odd number of units.
  void AddUnits(const uint16_t* units, size_t count) {
    if (count > 0 && has_half_) {
      AddWord(half_ | static_cast<uint32_t>(*units++) << 16);
      has_half_ = false;
      count--;
    }
    uint32_t word;
    for (; count >= 2; units += 2, count -= 2) {
      std::memcpy(&word, units, sizeof(word));
      AddWord(word);
    }
    if (count == 0) return;
    half_ = *units;
    has_half_ = true;
  }

  // Takes the rest of the bytes, since an incomplete word is allowed at the end only.
  uint32_t Finish(const uint8_t* bytes = nullptr, size_t count = 0) const {
    Murmur whole = *this;
    uint32_t word;
    for (; count >= sizeof(word); bytes += sizeof(word), count -= sizeof(word)) {
      std::memcpy(&word, bytes, sizeof(word));
      whole.AddWord(word);
    }
    word = has_half_ ? half_ : 0;
    if (count > 0) std::memcpy(&word, bytes, count);
    const size_t size = whole.size_ + count + (has_half_ ? 2 : 0);
    uint32_t hash = whole.hash_ ^ Scrambled(word) ^ static_cast<uint32_t>(size);
    hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
    hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
    return hash ^ (hash >> 16);
  }

 private:
  static uint32_t Rotated(uint32_t x, int bits) { return (x << bits) | (x >> (32 - bits)); }
  static uint32_t Scrambled(uint32_t word) { return Rotated(word * 0xCC9E2D51u, 15) * 0x1B873593u; }

  uint32_t hash_ = 0;
  size_t size_ = 0;
  uint32_t half_ = 0;
  bool has_half_ = false;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_MURMUR_HASH_H_
