// SPDX-License-Identifier: MIT
// The part of scripts' names that is kept: enough to find the script, but no source text or secret.
#include "core/script_name.h"

#include <doctest/doctest.h>

#include <string>

namespace tracemalloc {
namespace {

TEST_CASE("paths and labels are unchanged") {
  for (const char* name : {"", "/app/a.js", "/app/what?#is.js", "node:internal/fs/utils",
                           "C:\\app\\a.js", "a@b.js", "eval at f (/app/a.js:3:5)",
                           "evalmachine.<anonymous>", "(native)", "file:", "x:y", "webpack:a?b"}) {
    CHECK(ScriptName(name) == name);
  }
}

TEST_CASE("a data: URL is shortened to its type and a hash") {
  const std::string name = ScriptName("data:text/javascript,const password = 'hunter2'");
  CHECK(name.substr(0, 25) == "data:text/javascript,\u2026#");
  CHECK(name.size() == 25 + 8);
  CHECK(ScriptName("data:text/javascript,a") != ScriptName("data:text/javascript,b"));
  CHECK(ScriptName("data:text/javascript,a") == ScriptName("data:text/javascript,a"));
  CHECK(ScriptName("data:text/javascript;charset=utf-8;base64,aHVudGVyMg==").substr(0, 25) ==
        name.substr(0, 25));
  CHECK(ScriptName("data:application/json,{}").substr(0, 22) == "data:application/json,");
  for (const char* odd :
       {"data:,hunter2", "data:hunter2",
        "DATA:text/hunter2hunter2hunter2hunter2hunter2hunter2"
        "hunter2hunter2hunter2hunter2,x",
        "data:hunter 2/x,y", "data:", "javascript:hunter2()", " data:text/javascript,hunter2",
        "\tda\nta:,hunter2 ", "\njava\tscript:hunter2()"}) {
    CHECK(ScriptName(odd).find("hunter") == std::string::npos);
    CHECK(ScriptName(odd).find("\u2026#") != std::string::npos);
  }
}

TEST_CASE("other URLs lose user, query and fragment") {
  CHECK(ScriptName("file:///app/a.mjs?token=hunter2#x") == "file:///app/a.mjs");
  CHECK(ScriptName("file:///app/a%3Fb.mjs") == "file:///app/a%3Fb.mjs");
  CHECK(ScriptName("https://user:hunter2@cdn.example/a.js?sig=1") == "https://cdn.example/a.js");
  CHECK(ScriptName("https://cdn.example/@scope/a.js") == "https://cdn.example/@scope/a.js");
  CHECK(ScriptName("webpack-internal:///./src/a.js?1f2e") == "webpack-internal:///./src/a.js");
  CHECK(ScriptName("HTTP://a#b") == "HTTP://a");
}

TEST_CASE("white space is kept where there is no URL") {
  CHECK(ScriptName(" /app/a b.js\n") == " /app/a b.js\n");
  CHECK(ScriptName(" file:///app/a.js?hunter2 ") == "file:///app/a.js");
}

TEST_CASE("huge names are cut, and stay distinct") {
  const std::string path = "/app/" + std::string(1 << 20, 'x');
  CHECK(ScriptName(path).size() < 4200);
  CHECK(ScriptName(path).substr(0, 100) == path.substr(0, 100));
  CHECK(ScriptName(path + "a") != ScriptName(path + "b"));
  CHECK(ScriptName("file://" + path).size() < 4200);
  CHECK(BoundedName("f") == "f");
  std::string wide;
  for (int i = 0; i < 5000; i++) wide += "\u65e5";
  const std::string cut = BoundedName(wide);
  CHECK(cut.size() < 4200);
  // There is no partial character before the mark.
  CHECK(cut.find("\u2026#") % 3 == 0);
}

}  // namespace
}  // namespace tracemalloc
