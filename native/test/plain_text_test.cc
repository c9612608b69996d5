// SPDX-License-Identifier: MIT
// Names in reports without JavaScript: escaped for people, and unchanged for programs.
#include "report/plain_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "report/last_report.h"

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
  return text;
}

std::string Plain(std::string_view text) {
  return Written([text](Output* out) { PutPlain(text, out); });
}
std::string Json(std::string_view text) {
  return Written([text](Output* out) { PutJson(text, out); });
}

TEST_CASE("invisible characters are escaped") {
  CHECK(Plain("\x1b]0;PWNED\x07") == "\\u001b]0;PWNED\\u0007");
  CHECK(Plain("a\nFAKE\r\n\t") == "a\\nFAKE\\r\\n\\t");
  CHECK(Plain("\u202egnp\u2066\u2028") == "\\u202egnp\\u2066\\u2028");
  CHECK(Plain("\u009b31m\u0085\x7f") == "\\u009b31m\\u0085\\u007f");
  CHECK(Plain("\U000e0041") == "\\udb40\\udc41");
  CHECK(Plain(std::string_view("\0", 1)) == "\\u0000");
}

TEST_CASE("visible characters are unchanged") {
  for (const char* text : {"", "/app/\"a\" \\b.js", "日本語 файл é 👩", "\ufffd", "e\u0301"}) {
    CHECK(Plain(text) == text);
  }
}

TEST_CASE("JSON is plain text of the same value") {
  CHECK(Json("a\"b\\c\n\x01é") == "\"a\\\"b\\\\c\\n\\u0001é\"");
  CHECK(Json("\u202e\u009b\U000e0041") == "\"\\u202e\\u009b\\udb40\\udc41\"");
}

TEST_CASE("invalid UTF-8 is shown as U+FFFD") {
  for (const char* text :
       {"\xff", "\x80", "\xc3", "\xe2\x80", "\xf0\x9f\x98", "\xc0\x80", "\xe0\x80\xae",
        "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    const std::string plain = Plain(std::string("<") + text + ">");
    CHECK(plain.front() == '<');
    CHECK(plain.back() == '>');
    CHECK(plain.find("\ufffd") == 1);
    CHECK(plain.find_first_of("\x1b\n\x80") != 0);
  }
}

TEST_CASE("pieces may end within a character") {
  const std::string text = "é\u202e\U000e0041\x1b日";
  for (const PlainText::Form form : {PlainText::Form::kText, PlainText::Form::kJson}) {
    const auto whole = Written([&](Output* out) { PlainText(form, out).Put(text); });
    const auto pieces = Written([&](Output* out) {
      PlainText plain(form, out);
      for (const char& byte : text) plain.Put(std::string_view(&byte, 1));
    });
    CHECK(pieces == whole);
  }
}

TEST_CASE("the last report has no additional lines, whatever the names are") {
  Tables tables;
  FrameKey key;
  key.script_id = 1;
  bool is_new;
  const FrameId id = tables.frames.Intern(key, &is_new);
  ResolvedFrame resolved;
  // V8's name of an ES module: the path has unescaped characters.
  resolved.filename =
      tables.strings.Intern("file:///srv/evil%0aFAKE%1b]0;x%07%e2%80%ae\n\u202e.mjs");
  resolved.function_name = tables.strings.Intern("leak\n\x1b[2J\u009b31m");
  resolved.line = 7;
  tables.frames.Resolve(id, resolved);
  std::vector<RankedLine> lines(1);
  lines[0].frame = id;
  lines[0].domain = Domain::kHeap;
  LastReport report{};
  report.facts = "\"name\":\"tracemalloc\"";
  report.precision = "line";
  report.dump = "/tmp/evil\n\x1b.pb";
  const auto text = Written([&](Output* out) { WriteLastReportText(tables, report, lines, out); });
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find("/srv/evil\\nFAKE\\u001b]0;x\\u0007\\u202e\\n\\u202e.mjs:7 "
                  "(leak\\n\\u001b[2J\\u009b31m)") != std::string::npos);
  const auto json = Written([&](Output* out) { WriteLastReportJson(tables, report, lines, out); });
  CHECK(std::count(json.begin(), json.end(), '\n') == 1);
  for (const std::string* out : {&text, &json}) {
    for (const char* bad : {"\x1b", "\x07", "\u202e", "\u009b"})
      CHECK(out->find(bad) == std::string::npos);
  }
}

TEST_CASE("a last report with many long names is a line that collectors do not cut") {
  Tables tables;
  std::vector<RankedLine> lines;
  for (int i = 0; i < 1000; i++) {
    FrameKey key;
    key.script_id = i + 1;
    bool is_new;
    const FrameId id = tables.frames.Intern(key, &is_new);
    ResolvedFrame resolved;
    // The second does not fit.
    const std::string name(i == 1 ? 20000 : 100, 'x');
    resolved.filename = tables.strings.Intern("/srv/" + name + std::to_string(i) + ".js");
    resolved.function_name = tables.strings.Intern("leak");
    resolved.line = 7;
    tables.frames.Resolve(id, resolved);
    RankedLine line{};
    line.frame = id;
    line.domain = Domain::kHeap;
    lines.push_back(line);
  }
  LastReport report{};
  report.facts = "\"name\":\"tracemalloc\"";
  report.precision = "line";
  const auto json = Written([&](Output* out) { WriteLastReportJson(tables, report, lines, out); });
  CHECK(json.size() < 16 * 1024);
  size_t rows = 0;
  for (size_t at = 0; (at = json.find("{\"site\"", at)) != std::string::npos; at++) rows++;
  CHECK(rows > 50);
  CHECK(json.find("x2.js:7") != std::string::npos);
  CHECK(json.find("],\"omittedSites\":" + std::to_string(1000 - rows) + "}\n") !=
        std::string::npos);
}

}  // namespace
}  // namespace tracemalloc
