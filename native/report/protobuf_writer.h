// SPDX-License-Identifier: MIT
// Writes protobuf without building it in memory: the content of a nested message is put twice, the
// first time only to count its bytes.
#ifndef TRACEMALLOC_REPORT_PROTOBUF_WRITER_H_
#define TRACEMALLOC_REPORT_PROTOBUF_WRITER_H_

#include <cstdint>
#include <string_view>

#include "report/output.h"

namespace tracemalloc {

class ProtobufWriter {
 public:
  explicit ProtobufWriter(Output* out) : out_(out) {}

  void Varint(uint64_t value) {
    while (value >= 0x80) {
      out_->Put(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    out_->Put(static_cast<char>(value));
  }

  void Number(uint32_t field, uint64_t value) {
    Varint(field << 3);
    Varint(value);
  }

  void String(uint32_t field, std::string_view text) {
    Varint(field << 3 | 2);
    Varint(text.size());
    out_->Put(text);
  }

  // A nested message, a packed list or a text in pieces: whatever `body` puts. `body` is called
  // twice, and must put the same both times.
  template <typename Body>
  void Nested(uint32_t field, const Body& body) {
    Output counter = Output::Counter();
    ProtobufWriter counting(&counter);
    body(&counting);
    Varint(field << 3 | 2);
    Varint(counter.size());
    body(this);
  }

  Output* out() { return out_; }

 private:
  Output* out_;
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_REPORT_PROTOBUF_WRITER_H_
