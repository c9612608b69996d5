// SPDX-License-Identifier: MIT
#include "v8/heap/heap_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "process/memory_groups.h"
#include "report/plain_text.h"

namespace tracemalloc {

namespace {

constexpr size_t kBufferSize = 64 << 10;
constexpr size_t kMaxPath = 4096;

bool WriteAll(int fd, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = write(fd, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

bool WriteToFile(void* fd, const char* data, size_t size) {
  return WriteAll(*static_cast<int*>(fd), data, size);
}

bool AppendToString(void* text, const char* data, size_t size) {
  static_cast<std::string*>(text)->append(data, size);
  return true;
}

// A limit with which V8 can go on. V8 checks again whether there is room for what the next
// collection may move into the old generation; if not, it dies without calling any other callback.
// By then the heap may have grown beyond the limit: in its tasks V8 allocates without checking it.
size_t RaisedLimit(v8::Isolate* isolate, size_t current_limit) {
  v8::HeapStatistics heap;
  isolate->GetHeapStatistics(&heap);
  size_t young = 0;
  for (size_t i = 0; i < isolate->NumberOfHeapSpaces(); i++) {
    v8::HeapSpaceStatistics space;
    if (!isolate->GetHeapSpaceStatistics(&space, i)) continue;
    if (strncmp(space.space_name(), "new_", 4) == 0) young += space.space_size();
  }
  return std::max(current_limit, heap.total_heap_size()) + young + HeapLimitWatch::kRoom;
}

}  // namespace

HeapLimitWatch::HeapLimitWatch(v8::Isolate* isolate, const char* precision, const Tables* tables,
                               FrameResolver* resolver, HeapLimitOptions options)
    : isolate_(isolate),
      tables_(tables),
      resolver_(resolver),
      options_(std::move(options)),
      precision_(precision),
      buffer_(kBufferSize) {
  report_.facts = options_.report_facts;
  facts_.snapshot = options_.profile_facts;
  facts_.process = options_.process_facts;
  facts_.own = options_.own;
  path_.reserve(kMaxPath);
  temporary_path_.reserve(kMaxPath);
  isolate_->AddNearHeapLimitCallback(OnNearHeapLimit, this);
}

HeapLimitWatch::~HeapLimitWatch() { Unregister(); }

void HeapLimitWatch::Unregister() {
  if (!is_registered_) return;
  is_registered_ = false;
  // 0: don't change the limit.
  isolate_->RemoveNearHeapLimitCallback(OnNearHeapLimit, 0);
}

size_t HeapLimitWatch::OnNearHeapLimit(void* data, size_t current_limit, size_t) {
  auto* watch = static_cast<HeapLimitWatch*>(data);
  watch->Unregister();
  try {
    if (watch->resolver_ != nullptr) watch->resolver_->ResolveNewInPlace();
  } catch (const std::bad_alloc&) {
    // Then the names of the last snapshot are used.
  }
  try {
    watch->WriteReport(current_limit);
    if (!watch->path_.empty()) watch->WriteDump();
  } catch (const std::bad_alloc&) {
    // The process ends without a report.
  }
  return RaisedLimit(watch->isolate_, current_limit);
}

void HeapLimitWatch::WriteReport(size_t limit) {
  v8::HeapStatistics heap;
  isolate_->GetHeapStatistics(&heap);
  report_.precision = precision_;
  report_.time_millis = facts_.time_millis = NowMillis();
  report_.rss = facts_.rss = ResidentSetSize();
  report_.heap_used = facts_.heap_used = static_cast<double>(heap.used_heap_size());
  report_.external = facts_.external = static_cast<double>(heap.external_memory());
  facts_.heap_total = static_cast<double>(heap.total_heap_size());
  report_.sample_interval = facts_.sample_interval = tables_->sample_interval;
  report_.heap_limit = static_cast<double>(limit);
  report_.pid = getpid();
  if (!options_.directory.empty()) NamePath(report_.time_millis);
  report_.dump = path_;
  const std::vector<RankedLine>& lines = ranking_.Rank(*tables_, options_.own, options_.top);
  int fd = STDERR_FILENO;
  Output out(buffer_.data(), buffer_.size(), WriteToFile, &fd);
  (options_.as_text ? WriteLastReportText : WriteLastReportJson)(*tables_, report_, lines, &out);
  out.Flush();
}

// As in src/service/dump-path.ts, but `.pb`, since it is not compressed.
void HeapLimitWatch::NamePath(int64_t time_millis) {
  char buffer[64];
  Output out(buffer, sizeof(buffer), AppendToString, &path_);
  path_.clear();
  out.Put(options_.directory);
  out.Put("/tracemalloc-");
  PutTime(time_millis, '-', &out);
  out.Put('-');
  out.PutInteger(static_cast<uint64_t>(getpid()));
  out.Put('-');
  out.PutInteger(options_.thread_id);
  out.Put("-heap-limit.pb");
  out.Flush();
  temporary_path_.assign(path_).append(".tmp");
}

void HeapLimitWatch::WriteDump() {
  int fd = open(temporary_path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool ok = fd >= 0;
  int error = errno;
  if (ok) {
    Output out(buffer_.data(), buffer_.size(), WriteToFile, &fd);
    WriteProfile(*tables_, facts_, &out);
    ok = out.Flush() && fsync(fd) == 0;
    error = errno;
    close(fd);
    if (ok) {
      ok = rename(temporary_path_.c_str(), path_.c_str()) == 0;
      error = errno;
    }
    if (!ok) unlink(temporary_path_.c_str());
  }
  if (ok) return;
  int to = STDERR_FILENO;
  Output out(buffer_.data(), buffer_.size(), WriteToFile, &to);
  out.Put("tracemalloc: can't write ");
  PutPlain(path_, &out);
  out.Put(": ");
  char reason[128];
  out.Put(strerror_r(error, reason, sizeof(reason)));
  out.Put('\n');
  out.Flush();
}

}  // namespace tracemalloc
