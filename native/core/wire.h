// SPDX-License-Identifier: MIT
// The wire batch: the one form in which figures cross from native code to JavaScript. Its decoder
// is src/mirror/wire.ts; change both or neither. A batch holds only what is new, changed or gone
// since the batch that the reader acknowledges; the reader keeps a mirror of the tables. It first
// removes from each table the entries that are gone, which moves later ones down, then appends the
// new ones: all sections except those of gone entries use the ids after that.
//
// Little-endian, every section begins where the one before ends, nothing is padded:
//
//   header, 88 bytes
//      0  u32  magic            0x32424D54 ("TMB2")
//      4  u32  byteLength       of the whole batch
//      8  u32  checksum         MurmurHash3 of the bytes from 12 to the end
//     12  u32  baseSequence     the batch this one builds on; 0: none, the mirror starts empty
//     16  u32  sequence         of this batch, > baseSequence
//     20  u32  firstString      ids in each table are dense: new ones are first, first + 1, ...
//     24  u32  stringCount
//     28  u32  firstFrame
//     32  u32  frameCount
//     36  u32  firstSite
//     40  u32  siteCount
//     44  u32  siteFrameCount   frame ids in all new sites together
//     48  u32  counterCount     sites whose counters changed
//     52  u32  typedCount
//     56  u32  stringBytes
//     60  u32  goneStrings      how many
//     64  u32  goneFrames
//     68  u32  goneSites
//     72  f64  tracedCurrent    bytes, all sites
//     80  f64  tracedPeak       bytes
//   counters, counterCount x 56 bytes: the site's figures as they are now, not differences
//      0  u32  site       4  u32  liveSamples    8  u32  reserved 0   12  u32  typedEntries
//     16  f64  liveSize  24  f64  liveCount     32  f64  liveVariance
//     40  f64  allocatedSize   48  f64  allocatedCount        (both NaN: this engine can't know)
//   typed, typedCount x 24 bytes: typedEntries of the first counters row, then of the next, ...
//      0  u32  type (string)    4  u32  reserved 0    8  f64  liveSize    16  f64  liveCount
//   gone, goneStrings, then goneFrames, then goneSites x u32: ids of the base batch, ascending
//   frames, frameCount x 24 bytes
//      0  u32  functionName     4  u32  filename      8  u32  line        12  u32  column
//     16  u32  scriptId        20  u32  flags (1 approximate, 2 native, 4 near column)
//   sites, siteCount x 16 bytes
//      0  u32  domain (0 heap, 1 buffer)    4  u32  frameCount    8  u32  totalFrames (0 unknown)
//     12  u32  labels (0 none)
//   siteFrames, siteFrameCount x u32: the frame ids of the first new site, innermost first, ...
//   stringEnds, stringCount x u32: where each string ends in
//   stringData, stringBytes of UTF-8
#ifndef TRACEMALLOC_CORE_WIRE_H_
#define TRACEMALLOC_CORE_WIRE_H_

#include <cstdint>
#include <vector>

#include "core/reclaim.h"
#include "core/tables.h"

namespace tracemalloc {

// The entries of a table that the reader has, and its ids for them.
class ToldIds {
 public:
  // The reader's id of an entry, or kGone if it does not have it.
  uint32_t Of(uint32_t id) const { return id < ids_.size() ? ids_[id] : kGone; }
  // The first entry that the reader does not have.
  uint32_t first_new() const { return static_cast<uint32_t>(ids_.size()); }
  // How many entries the reader has.
  uint32_t count() const { return count_; }
  // The reader's ids of entries that are gone, ascending.
  std::vector<uint32_t> Gone() const;

  // Records that the reader has the first `size` entries under their current ids. Throws
  // std::bad_alloc.
  void Tell(uint32_t size);
  void Renumber(const NewIds& ids) noexcept;
  size_t MemoryUsage() const { return ids_.capacity() * sizeof(uint32_t); }

 private:
  std::vector<uint32_t> ids_;  // by entry, without new ones
  uint32_t count_ = 0;
};

class WireWriter final : public IdHolder {
 public:
  // Writes what is new since the batch with the sequence `acknowledged`. Writes everything if that
  // is not the last batch written (the reader lost it, or is new), or if frames written since are
  // in doubt. Every frame must be resolved.
  std::vector<uint8_t> Write(Tables* tables, uint32_t acknowledged);

  // To be called when the tables were cleared: the next batch starts from zero.
  void Reset();
  void Renumber(const Renumbering& ids) noexcept override;
  // Whether the last batch has everything.
  bool began_anew() const { return began_anew_; }
  // The ids of sites for the reader of the last batch.
  const ToldIds& sites() const { return sites_; }
  size_t MemoryUsage() const;

 private:
  uint32_t sequence_ = 0;
  ToldIds strings_;
  ToldIds frames_;
  ToldIds sites_;
  uint32_t doubts_ = 0;
  bool began_anew_ = false;
};

// The 32-bit variant of MurmurHash3 for x86, seed 0.
uint32_t MurmurHash(const uint8_t* data, size_t size);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_WIRE_H_
