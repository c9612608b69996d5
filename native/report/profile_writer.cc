// SPDX-License-Identifier: MIT
#include "report/profile_writer.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/native_labels.h"
#include "report/frame_text.h"
#include "report/protobuf_writer.h"

namespace tracemalloc {

namespace {

// Fields of pprof's messages.
namespace profile {
enum { kSampleType = 1, kSample, kMapping, kLocation, kFunction, kStringTable, kTimeNanos = 9 };
enum { kPeriodType = 11, kPeriod, kComment, kDefaultSampleType };
}  // namespace profile
namespace value_type {
enum { kType = 1, kUnit };
}
namespace sample {
enum { kLocationId = 1, kValue, kLabel };
}
namespace label {
enum { kKey = 1, kStr };
}
namespace mapping {
enum { kId = 1, kFilename = 5, kHasFunctions = 7, kHasFilenames, kHasLineNumbers };
}
namespace location {
enum { kId = 1, kMappingId, kLine = 4 };
}
namespace line {
enum { kFunctionId = 1, kLine, kColumn };
}
namespace function {
enum { kId = 1, kName, kSystemName, kFilename };
}

// The string table: these, the comments, then the tables' own strings.
constexpr std::string_view kStrings[] = {"",         "alloc_objects", "count",       "alloc_space",
                                         "bytes",    "inuse_objects", "inuse_space", "node",
                                         "space",    "type",          "domain",      "heap",
                                         "buffer",   "(anonymous)",   "<unknown>",   "(native)",
                                         kUnresolved};
uint64_t Fixed(std::string_view text) {
  const auto* found = std::find(std::begin(kStrings), std::end(kStrings), text);
  return static_cast<uint64_t>(found - std::begin(kStrings));
}
constexpr uint64_t kFactsComment = std::size(kStrings);
constexpr uint64_t kFirstFiguresComment = kFactsComment + 1;

double Whole(double figure) { return std::isfinite(figure) ? std::round(figure) : 0; }

class ProfileWriter {
 public:
  ProfileWriter(const Tables& tables, const ProfileFacts& facts, Output* out)
      : tables_(tables), facts_(facts), out_(out) {
    ForTraces([this](const Site&) { ++trace_count_; });
    first_string_ = kFirstFiguresComment + trace_count_;
  }

  void Write() {
    for (const auto& [type, unit] : {std::pair("alloc_objects", "count"),
                                     {"alloc_space", "bytes"},
                                     {"inuse_objects", "count"},
                                     {"inuse_space", "bytes"}}) {
      ValueType(profile::kSampleType, type, unit);
    }
    ForTraces([this](const Site& site) { Samples(site); });
    Mapping();
    for (FrameId id = 0; id < tables_.frames.size(); id++) Place(id);
    out_.Number(profile::kTimeNanos, static_cast<uint64_t>(facts_.time_millis) * 1000000);
    ValueType(profile::kPeriodType, "space", "bytes");
    out_.Number(profile::kPeriod, static_cast<uint64_t>(std::llround(facts_.sample_interval)));
    out_.Nested(profile::kComment, [this](ProtobufWriter* list) {
      for (uint64_t i = 0; i <= trace_count_; i++) list->Varint(kFactsComment + i);
    });
    out_.Number(profile::kDefaultSampleType, Fixed("inuse_space"));
    Strings();
  }

 private:
  template <typename Visit>
  void ForTraces(const Visit& visit) {
    for (SiteId id = 0; id < tables_.sites.size(); id++) {
      const Site& site = tables_.sites.at(id);
      const SiteCounters& c = site.counters;
      const bool is_shown = c.live_samples > 0 || c.allocated_size > 0;
      if (is_shown && !IsOwn(tables_, site, facts_.own)) visit(site);
    }
  }

  void ValueType(uint32_t field, std::string_view type, std::string_view unit) {
    out_.Nested(field, [=](ProtobufWriter* message) {
      message->Number(value_type::kType, Fixed(type));
      message->Number(value_type::kUnit, Fixed(unit));
    });
  }

  // One for each type of object, and one for objects of unknown type.
  void Samples(const Site& site) {
    const SiteCounters& c = site.counters;
    const bool is_live = c.live_samples > 0;
    double rest_size = is_live ? Whole(c.live_size) : 0;
    double rest_count = is_live ? Whole(c.live_count) : 0;
    if (is_live) {
      for (const TypedCounters& typed : site.types) {
        rest_size -= Whole(typed.live_size);
        rest_count -= Whole(typed.live_count);
        const double values[] = {0, 0, Whole(typed.live_count), Whole(typed.live_size)};
        Sample(site, values, typed.type);
      }
    }
    const double values[] = {Whole(c.allocated_count), Whole(c.allocated_size),
                             std::max(0.0, rest_count), std::max(0.0, rest_size)};
    Sample(site, values, 0);
  }

  void Sample(const Site& site, const double (&values)[4], StringId type) {
    out_.Nested(profile::kSample, [&](ProtobufWriter* message) {
      message->Nested(sample::kLocationId, [&](ProtobufWriter* list) {
        const FrameId* frames = tables_.sites.frames(site);
        for (uint32_t i = 0; i < site.frame_count; i++) list->Varint(frames[i] + 1);
      });
      message->Nested(sample::kValue, [&](ProtobufWriter* list) {
        for (const double value : values) list->Varint(static_cast<uint64_t>(value));
      });
      Label(message, "domain", Fixed(DomainName(site.domain)));
      if (type != 0) Label(message, "type", first_string_ + type);
    });
  }

  static void Label(ProtobufWriter* message, std::string_view key, uint64_t text) {
    message->Nested(sample::kLabel, [=](ProtobufWriter* nested) {
      nested->Number(label::kKey, Fixed(key));
      nested->Number(label::kStr, text);
    });
  }

  void Mapping() {
    out_.Nested(profile::kMapping, [](ProtobufWriter* message) {
      message->Number(mapping::kId, 1);
      message->Number(mapping::kFilename, Fixed("node"));
      for (uint32_t has :
           {mapping::kHasFunctions, mapping::kHasFilenames, mapping::kHasLineNumbers}) {
        message->Number(has, 1);
      }
    });
  }

  // Every frame is a location and a function of its own.
  void Place(FrameId id) {
    const FrameTable::Entry& frame = tables_.frames.at(id);
    const ResolvedFrame& at = frame.resolution;
    out_.Nested(profile::kLocation, [&](ProtobufWriter* message) {
      message->Number(location::kId, id + 1);
      message->Number(location::kMappingId, 1);
      message->Nested(location::kLine, [&](ProtobufWriter* nested) {
        nested->Number(line::kFunctionId, id + 1);
        nested->Number(line::kLine, at.line);
        nested->Number(line::kColumn, at.column);
      });
    });
    out_.Nested(profile::kFunction, [&](ProtobufWriter* message) {
      const bool is_nameless = frame.resolved && at.function_name == 0;
      const uint64_t name = !frame.resolved ? Fixed(kUnresolved) : first_string_ + at.function_name;
      message->Number(function::kId, id + 1);
      message->Number(function::kName, is_nameless ? Fixed("(anonymous)") : name);
      message->Number(function::kSystemName, is_nameless ? 0 : name);
      message->Number(function::kFilename, at.filename == 0 ? Fixed(FileText(tables_, frame))
                                                            : first_string_ + at.filename);
    });
  }

  void Strings() {
    for (const std::string_view text : kStrings) out_.String(profile::kStringTable, text);
    out_.Nested(profile::kStringTable, [this](ProtobufWriter* text) { Facts(text->out()); });
    ForTraces([this](const Site& site) {
      out_.Nested(profile::kStringTable, [&](ProtobufWriter* text) { Figures(site, text->out()); });
    });
    for (StringId id = 0; id < tables_.strings.size(); id++) {
      out_.Nested(profile::kStringTable, [&](ProtobufWriter* text) {
        ForPath(tables_.strings.at(id), [&](std::string_view piece) { text->out()->Put(piece); });
      });
    }
  }

  void Facts(Output* out) {
    out->Put("#tracemalloc {");
    out->Put(facts_.snapshot);
    out->Put(",\"sampleInterval\":");
    out->PutRounded(facts_.sample_interval);
    out->Put(",\"traces\":");
    out->PutInteger(trace_count_);
    out->Put(",\"timestamp\":");
    out->PutInteger(static_cast<uint64_t>(facts_.time_millis));
    out->Put(",\"approximate\":[");
    bool is_first = true;
    for (FrameId id = 0; id < tables_.frames.size(); id++) {
      const uint32_t flags = tables_.frames.at(id).flags();
      if ((flags & kFrameApproximate) == 0 || (flags & kFrameNative) != 0) continue;
      if (!is_first) out->Put(',');
      is_first = false;
      out->PutInteger(id + 1);
    }
    out->Put("],\"process\":{");
    out->Put(facts_.process);
    out->Put(",\"memoryUsage\":{\"arrayBuffers\":0");
    for (const auto& [name, bytes] : {std::pair("rss", facts_.rss),
                                      {"heapTotal", facts_.heap_total},
                                      {"heapUsed", facts_.heap_used},
                                      {"external", facts_.external}}) {
      out->Put(",\"");
      out->Put(name);
      out->Put("\":");
      out->PutRounded(bytes);
    }
    out->Put("}}}");
  }

  void Figures(const Site& site, Output* out) {
    const SiteCounters& c = site.counters;
    const bool is_live = c.live_samples > 0;
    out->Put("#trace [");
    out->PutNumber(is_live ? c.live_size : 0);
    for (const double figure : {is_live ? c.live_count : 0, c.allocated_size, c.allocated_count,
                                static_cast<double>(c.live_samples), is_live ? c.live_variance : 0,
                                static_cast<double>(site.total_frames)}) {
      out->Put(',');
      out->PutNumber(figure);
    }
    if (is_live) {
      for (const TypedCounters& typed : site.types) {
        for (const double figure : {typed.live_size, typed.live_count}) {
          out->Put(',');
          out->PutNumber(figure);
        }
      }
    }
    out->Put(']');
  }

  const Tables& tables_;
  const ProfileFacts& facts_;
  ProtobufWriter out_;
  uint64_t trace_count_ = 0;
  uint64_t first_string_ = 0;
};

}  // namespace

void WriteProfile(const Tables& tables, const ProfileFacts& facts, Output* out) {
  ProfileWriter(tables, facts, out).Write();
}

}  // namespace tracemalloc
