// SPDX-License-Identifier: MIT
// Writing through a fixed buffer: numbers, JSON text, messages inside messages, paths.
#include "report/output.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include "report/frame_text.h"
#include "report/last_report.h"
#include "report/protobuf_writer.h"

namespace tracemalloc {
namespace {

bool Append(void* text, const char* data, size_t size) {
  static_cast<std::string*>(text)->append(data, size);
  return true;
}

template <typename Put>
std::string Written(Put put) {
  std::string text;
  char buffer[3];  // smaller than most outputs
  Output out(buffer, sizeof(buffer), Append, &text);
  put(&out);
  CHECK(out.Flush());
  CHECK(out.size() == text.size());
  return text;
}

TEST_CASE("numbers can be read back exactly; NaN and infinity are null") {
  const auto number = [](double n) { return Written([n](Output* out) { out->PutNumber(n); }); };
  CHECK(number(0) == "0");
  CHECK(number(65536) == "65536");
  CHECK(std::stod(number(1.0 / 3)) == 1.0 / 3);
  CHECK(std::stod(number(68213500.71946454)) == 68213500.71946454);
  CHECK(number(std::nan("")) == "null");
  CHECK(Written([](Output* out) { out->PutRounded(1e18 + 0.6); }) == "1000000000000000000");
  CHECK(Written([](Output* out) { out->PutRounded(std::numeric_limits<double>::infinity()); }) ==
        "null");
}

TEST_CASE("a failed write is reported, and nothing is written after it") {
  int calls = 0;
  const auto refuse = [](void* count, const char*, size_t) {
    ++*static_cast<int*>(count);
    return false;
  };
  char buffer[2];
  Output out(buffer, sizeof(buffer), refuse, &calls);
  out.Put("much more than two");
  CHECK_FALSE(out.Flush());
  CHECK(calls == 1);
}

TEST_CASE("protobuf: varints, strings, length-prefixed messages") {
  const std::string bytes = Written([](Output* out) {
    ProtobufWriter writer(out);
    writer.Number(1, 150);
    writer.String(2, "ab");
    writer.Nested(3, [](ProtobufWriter* nested) {
      nested->Nested(1, [](ProtobufWriter* list) {
        list->Varint(1);
        list->Varint(300);
      });
    });
  });
  CHECK(bytes == std::string("\x08\x96\x01\x12\x02"
                             "ab\x1a\x05\x0a\x03\x01\xac\x02"));
}

TEST_CASE("a file: URL is written as its path, anything else unchanged") {
  const auto path = [](std::string_view name) {
    return Written(
        [name](Output* out) { ForPath(name, [out](std::string_view piece) { out->Put(piece); }); });
  };
  CHECK(path("file:///app/a%20b/%C3%A9%2541.mjs") == "/app/a b/é%41.mjs");
  CHECK(path("file:///app/50%") == "/app/50%");
  CHECK(path("file:///app/%zz%4") == "/app/%zz%4");
  CHECK(path("/app/a%20b.js") == "/app/a%20b.js");
  CHECK(path("node:fs") == "node:fs");
}

TEST_CASE("times") {
  const auto time = [](int64_t millis, char colon) {
    return Written([=](Output* out) { PutTime(millis, colon, out); });
  };
  CHECK(time(1700000000123, ':') == "2023-11-14T22:13:20.123Z");
  CHECK(time(951782400000, '-') == "2000-02-29T00-00-00.000Z");
}

}  // namespace
}  // namespace tracemalloc
