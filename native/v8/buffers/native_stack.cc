// SPDX-License-Identifier: MIT
#include "v8/buffers/native_stack.h"

#include <dlfcn.h>
#include <unwind.h>

#include <cstring>
#include <iterator>

#include "layout/machine/return_address.h"
#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

constexpr size_t kMaxFrames = 48;

struct NamedCode {
  const char* symbol;  // the beginning of the mangled name
  NativeLabelId label;
};

// The innermost function with a label decides: an HTTP parser is called by the socket's reader.
constexpr NamedCode kNamedCode[] = {
    {"llhttp_", kLabelHttpBody},
    {"_ZN4node11http_parser", kLabelHttpBody},
    {"_ZN4node5http2", kLabelHttp2Data},
    {"_ZN4node6crypto7TLSWrap", kLabelTlsData},
    {"_ZN4node6crypto", kLabelCrypto},
    {"_ZN4node7UDPWrap", kLabelUdpMessage},
    {"_ZN4node6worker", kLabelWorkerMessage},
    {"_ZN4node2fs", kLabelFileRead},
    {"_ZN4node15LibuvStreamWrap", kLabelStreamData},
    // Buffers into which streams read; the latter is Node 26's.
    {"_ZN4node11Environment23allocate_managed_buffer", kLabelStreamData},
    {"_ZN4node14StreamReadSlab", kLabelStreamData},
    {"_ZN4node9inspector", kLabelInspector},
};

}  // namespace

NativeLabelId NativeStack::LabelAt(uintptr_t pc) {
  const auto found = known_.find(pc);
  if (found != known_.end()) return found->second;
  NativeLabelId label = kLabelNative;
  Dl_info info;
  // A return address may be the first address of the next function.
  if (dladdr(reinterpret_cast<void*>(pc - 1), &info) != 0 && info.dli_sname != nullptr) {
    for (const NamedCode& code : kNamedCode) {
      if (std::strncmp(info.dli_sname, code.symbol, std::strlen(code.symbol)) != 0) continue;
      label = code.label;
      break;
    }
  }
  return known_[pc] = label;
}

// Node is compiled with frame pointers, so its frames are a linked list; code without frame
// pointers ends the list or makes it wrong. Read in one go, since each safe read is a system call.
NativeLabelId NativeStack::LabelOfFrameList() {
  uintptr_t words[1024];
  // The caller's: on arm64 a function's own is below its locals, of which `words` is one.
  const uintptr_t begin = *static_cast<const uintptr_t*>(__builtin_frame_address(0));
  if (!SafeRead(begin, words, sizeof(words))) return kLabelNative;
  for (size_t at = 0; at + 1 < std::size(words);) {
    const NativeLabelId label = LabelAt(WithoutSignature(words[at + 1]));
    const uintptr_t caller = words[at];
    const size_t next = (caller - begin) / sizeof(uintptr_t);
    if (label != kLabelNative || caller <= begin || next <= at) return label;
    at = next;
  }
  return kLabelNative;
}

NativeLabelId NativeStack::LabelOfUnwinding() {
  struct Walk {
    NativeStack* stack;
    NativeLabelId label;
    size_t frames_left;
  };
  Walk walk{this, kLabelNative, kMaxFrames};
  const auto visit = [](_Unwind_Context* context, void* data) {
    auto* const walk = static_cast<Walk*>(data);
    walk->label = walk->stack->LabelAt(_Unwind_GetIP(context));
    const bool ends = walk->label != kLabelNative || --walk->frames_left == 0;
    return ends ? _URC_END_OF_STACK : _URC_NO_REASON;
  };
  _Unwind_Backtrace(visit, &walk);
  return walk.label;
}

NativeLabelId NativeStack::Label() {
  const NativeLabelId label = LabelOfFrameList();
  return label != kLabelNative ? label : LabelOfUnwinding();
}

size_t NativeStack::MemoryUsage() const {
  return known_.size() * (sizeof(*known_.begin()) + 2 * sizeof(void*)) +
         known_.bucket_count() * sizeof(void*);
}

}  // namespace tracemalloc
