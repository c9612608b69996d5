// SPDX-License-Identifier: MIT
// The wire batch: the one form in which figures cross from native code to JavaScript. Its decoder
// is src/wire.ts; change both or neither. A batch holds only what is new or changed since the batch
// that the reader acknowledges; the reader keeps a mirror of the tables and adds to it.
//
// Little-endian, every section begins where the one before ends, nothing is padded:
//
//   header, 80 bytes
//      0  u32  magic            0x31424D54 ("TMB1")
//      4  u32  byteLength       of the whole batch
//      8  u32  checksum         MurmurHash3 of the bytes from 12 to the end
//     12  u32  baseSequence     the batch this one adds to; 0: to nothing, the mirror begins anew
//     16  u32  sequence         of this batch, > baseSequence
//     20  u32  firstString      ids in each table are dense: these are first, first + 1, ...
//     24  u32  stringCount
//     28  u32  firstFrame
//     32  u32  frameCount
//     36  u32  firstSite
//     40  u32  siteCount
//     44  u32  siteFrameCount   frame ids in all new sites together
//     48  u32  counterCount     sites whose counters changed
//     52  u32  typedCount
//     56  u32  stringBytes
//     60  u32  reserved         0
//     64  f64  tracedCurrent    bytes, all sites
//     72  f64  tracedPeak       bytes
//   counters, counterCount x 56 bytes: the site's figures as they are now, not differences
//      0  u32  site       4  u32  liveSamples    8  u32  allocatedSamples   12  u32  typedEntries
//     16  f64  liveSize  24  f64  liveCount     32  f64  liveVariance
//     40  f64  allocatedSize   48  f64  allocatedCount        (both NaN: this engine can't know)
//   typed, typedCount x 24 bytes: typedEntries of the first counters row, then of the next, ...
//      0  u32  type (string)    4  u32  reserved 0    8  f64  liveSize    16  f64  liveCount
//   frames, frameCount x 24 bytes
//      0  u32  functionName     4  u32  filename      8  u32  line        12  u32  column
//     16  u32  scriptId        20  u32  flags (1 approximate, 2 native)
//   sites, siteCount x 16 bytes
//      0  u32  domain (0 heap, 1 buffer)    4  u32  frameCount    8  u32  totalFrames (0 unknown)
//     12  u32  reserved 0
//   siteFrames, siteFrameCount x u32: the frame ids of the first new site, innermost first, ...
//   stringEnds, stringCount x u32: where each string ends in
//   stringData, stringBytes of UTF-8
#ifndef TRACEMALLOC_CORE_WIRE_H_
#define TRACEMALLOC_CORE_WIRE_H_

#include <cstdint>
#include <vector>

#include "core/tables.h"

namespace tracemalloc {

class WireWriter {
 public:
  // What is new since the batch with the sequence `acknowledged`; everything, if that is not the
  // last one written (the reader lost it, or begins), or if frames written since are in doubt.
  // Every frame must be resolved.
  std::vector<uint8_t> Write(Tables* tables, uint32_t acknowledged);

  // The tables were cleared: the next batch begins anew.
  void Reset() { sequence_++; }

 private:
  uint32_t sequence_ = 0;
  uint32_t strings_ = 0;  // written so far, of each table
  uint32_t frames_ = 0;
  uint32_t sites_ = 0;
  uint32_t doubts_ = 0;
};

// The 32-bit variant of MurmurHash3 for x86, seed 0.
uint32_t MurmurHash(const uint8_t* data, size_t size);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_WIRE_H_
