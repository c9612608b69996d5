// SPDX-License-Identifier: MIT
#include "report/last_report.h"

#include <cmath>
#include <cstdio>
#include <ctime>

#include "core/native_labels.h"
#include "report/frame_text.h"
#include "report/plain_text.h"

namespace tracemalloc {

namespace {

// Bytes, as in src/report/report-line.ts: collectors of logs cut longer lines.
constexpr uint64_t kLongestLine = 15000;
// The most bytes of a site in the message.
constexpr uint64_t kLongestSite = 512;

// `file:line`, as in src/report/series.ts; without a line, the file.
void PutSite(const Tables& tables, const FrameTable::Entry& frame, PlainText::Form form,
             Output* out) {
  PlainText name(form, out);
  ForPath(FileText(tables, frame), [&name](std::string_view piece) { name.Put(piece); });
  if (frame.resolution.line == 0) return;
  char text[16];
  std::snprintf(text, sizeof(text), ":%u", frame.resolution.line);
  name.Put(text);
}

void PutMember(std::string_view name, double bytes, Output* out) {
  out->Put(",\"");
  out->Put(name);
  out->Put("\":");
  out->PutRounded(bytes);
}

// As in src/text/size.ts.
void PutSize(double size, Output* out) {
  char text[352];
  for (const char* unit : {"B", "KiB", "MiB", "GiB", "TiB"}) {
    const bool is_bytes = unit[0] == 'B';
    if (std::fabs(size) < 100 && !is_bytes) {
      std::snprintf(text, sizeof(text), "%.1f %s", size, unit);
      return out->Put(text);
    }
    if (std::fabs(size) < 10 * 1024 || unit[0] == 'T') {
      std::snprintf(text, sizeof(text), "%.0f %s", size, unit);
      return out->Put(text);
    }
    size /= 1024;
  }
}

void PutHeadline(const Tables& tables, const LastReport& report, Output* out) {
  const auto put_size = [out](std::string_view label, double size) {
    out->Put(label);
    PutSize(size, out);
  };
  put_size("tracemalloc: near the heap limit of ", report.heap_limit);
  put_size(": rss ", report.rss);
  put_size(", heap ", report.heap_used);
  put_size(", traced ", tables.sites.traced_current());
  put_size(" (peak ", tables.sites.traced_peak());
  out->Put("), pid ");
  out->PutInteger(static_cast<uint64_t>(report.pid));
}

void PutSilence(const SilentReport& report, Output* out) {
  out->Put("tracemalloc: ");
  out->PutRounded(report.percent);
  out->Put(" % of the memory limit of ");
  PutSize(report.limit, out);
  out->Put(" passed: used ");
  PutSize(report.used, out);
  out->Put("; who holds it is not known yet, since native code keeps every thread busy");
}

// A part of a JSON string. The site is escaped first, so that the message is plain where it is
// read, too.
void PutMessage(const Tables& tables, const LastReport& report,
                const std::vector<RankedLine>& lines, Output* out) {
  PutHeadline(tables, report, out);
  if (lines.empty()) return;
  const FrameTable::Entry& frame = tables.frames.at(lines[0].frame);
  Output length = Output::Counter();
  PutSite(tables, frame, PlainText::Form::kText, &length);
  if (length.size() > kLongestSite) return;
  out->Put("; largest: ");
  PutSize(lines[0].size, out);
  out->Put(" at ");
  PlainText json(PlainText::Form::kJson, out);
  char buffer[64];
  const Output::Write escape = [](void* context, const char* data, size_t size) {
    static_cast<PlainText*>(context)->Put({data, size});
    return true;
  };
  Output plain(buffer, sizeof(buffer), escape, &json);
  PutSite(tables, frame, PlainText::Form::kText, &plain);
  plain.Flush();
}

void PutRow(const Tables& tables, const RankedLine& row, Output* out) {
  const FrameTable::Entry& frame = tables.frames.at(row.frame);
  out->Put("{\"site\":\"");
  PutSite(tables, frame, PlainText::Form::kJson, out);
  out->Put("\",\"function\":");
  PutJson(FunctionText(tables, frame), out);
  out->Put(",\"domain\":");
  PutJson(DomainName(row.domain), out);
  PutMember("size", row.size, out);
  PutMember("count", row.count, out);
  PutMember("samples", row.samples, out);
  PutMember("error", std::sqrt(row.variance), out);
  if ((frame.flags() & kFrameApproximate) != 0) out->Put(",\"approximate\":true");
  out->Put('}');
}

}  // namespace

void PutTime(int64_t time_millis, char colon, Output* out) {
  const time_t seconds = static_cast<time_t>(time_millis / 1000);
  tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  std::snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d%c%02d%c%02d.%03dZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, colon, utc.tm_min, colon, utc.tm_sec,
                static_cast<int>(time_millis % 1000));
  out->Put(text);
}

int64_t NowMillis() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

void WriteSilentReportJson(const SilentReport& report, Output* out) {
  out->Put('{');
  out->Put(report.facts);
  out->Put(",\"event\":\"memory-limit\",\"time\":\"");
  PutTime(report.time_millis, ':', out);
  out->Put("\",\"msg\":\"");
  PutSilence(report, out);
  out->Put('"');
  PutMember("percent", report.percent, out);
  PutMember("memoryUsed", report.used, out);
  PutMember("memoryLimit", report.limit, out);
  out->Put("}\n");
}

void WriteSilentReportText(const SilentReport& report, Output* out) {
  PutSilence(report, out);
  out->Put('\n');
}

void WriteLastReportJson(const Tables& tables, const LastReport& report,
                         const std::vector<RankedLine>& lines, Output* out) {
  out->Put('{');
  out->Put(report.facts);
  out->Put(",\"event\":\"heap-limit\",\"time\":\"");
  PutTime(report.time_millis, ':', out);
  out->Put("\",\"msg\":\"");
  PutMessage(tables, report, lines, out);
  out->Put("\",\"precision\":\"");
  out->Put(report.precision);
  out->Put('"');
  PutMember("sampleInterval", report.sample_interval, out);
  PutMember("rss", report.rss, out);
  PutMember("heapUsed", report.heap_used, out);
  PutMember("external", report.external, out);
  PutMember("heapLimit", report.heap_limit, out);
  PutMember("traced", tables.sites.traced_current(), out);
  PutMember("tracedPeak", tables.sites.traced_peak(), out);
  if (!report.dump.empty()) {
    out->Put(",\"dump\":");
    PutJson(report.dump, out);
  }
  out->Put(",\"sites\":[");
  const char* separator = "";
  size_t omitted = 0;
  for (const RankedLine& row : lines) {
    Output length = Output::Counter();
    PutRow(tables, row, &length);
    if (out->size() + length.size() > kLongestLine) {
      omitted++;
      continue;
    }
    out->Put(separator);
    PutRow(tables, row, out);
    separator = ",";
  }
  out->Put(']');
  if (omitted > 0) PutMember("omittedSites", static_cast<double>(omitted), out);
  out->Put("}\n");
}

void WriteLastReportText(const Tables& tables, const LastReport& report,
                         const std::vector<RankedLine>& lines, Output* out) {
  PutHeadline(tables, report, out);
  if (!report.dump.empty()) {
    out->Put(", dump ");
    PutPlain(report.dump, out);
  }
  out->Put("\n sites, ");
  out->Put(report.precision);
  out->Put(" precision:\n");
  for (size_t i = 0; i < lines.size(); i++) {
    const FrameTable::Entry& frame = tables.frames.at(lines[i].frame);
    const std::string_view function = FunctionText(tables, frame);
    out->Put("  #");
    out->PutInteger(i + 1);
    out->Put(": ");
    PutSite(tables, frame, PlainText::Form::kText, out);
    if (!function.empty() && function != kUnresolved) {
      out->Put(" (");
      PutPlain(function, out);
      out->Put(')');
    }
    out->Put(": size=");
    PutSize(lines[i].size, out);
    out->Put(", count=");
    out->PutRounded(lines[i].count);
    out->Put('\n');
  }
}

}  // namespace tracemalloc
