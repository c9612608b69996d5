// SPDX-License-Identifier: MIT
// Reports of a process that is about to run out of memory and can't run JavaScript, in the forms of
// src/report/report.ts: one line of JSON, or text.
#ifndef TRACEMALLOC_REPORT_LAST_REPORT_H_
#define TRACEMALLOC_REPORT_LAST_REPORT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/tables.h"
#include "report/output.h"
#include "report/site_ranking.h"

namespace tracemalloc {

struct LastReport {
  // JSON members that never change, at least one, without braces.
  std::string facts;
  const char* precision;
  int64_t time_millis;  // since the epoch
  double sample_interval;
  double rss, heap_used, external, heap_limit;  // bytes
  int pid;
  // Where a profile is about to be written; empty: nowhere.
  std::string_view dump;
};

void WriteLastReportJson(const Tables& tables, const LastReport& report,
                         const std::vector<RankedLine>& lines, Output* out);
void WriteLastReportText(const Tables& tables, const LastReport& report,
                         const std::vector<RankedLine>& lines, Output* out);

// A line that says that a mark of the process's memory limit was passed, and no thread answers.
struct SilentReport {
  std::string_view facts;  // as above
  int64_t time_millis;     // since the epoch
  double percent;          // of the limit, of the mark
  double used, limit;      // bytes
};

void WriteSilentReportJson(const SilentReport& report, Output* out);
void WriteSilentReportText(const SilentReport& report, Output* out);

// Since the epoch.
int64_t NowMillis();

// ISO 8601 in UTC, with `colon` between hours, minutes and seconds, since the usual colons must not
// be in file names.
void PutTime(int64_t time_millis, char colon, Output* out);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_REPORT_LAST_REPORT_H_
