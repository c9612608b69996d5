// SPDX-License-Identifier: MIT
#include "layout/bytecode/function_range.h"

#include <algorithm>
#include <initializer_list>

#include "layout/heap_view.h"
#include "layout/object_offsets.h"
#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

constexpr int kWord = 8;
constexpr int kScopeFlags = 8;
// Both are before the variables.
constexpr int kFixedBegin = 4;
constexpr int kWordsWithPositions = 5;

}  // namespace

FunctionRanges::FunctionRanges()
    : scope_type_(V8DebugConstant({"type_ScopeInfo__SCOPE_INFO_TYPE"})),
      uncompiled_types_{
          V8DebugConstant(
              {"type_UncompiledDataWithPreparseData__UNCOMPILED_DATA_WITH_PREPARSE_DATA_"
               "TYPE"}),
          V8DebugConstant(
              {"type_UncompiledDataWithPreparseDataAndJob__UNCOMPILED_DATA_WITH_PREPARSE_"
               "DATA_AND_JOB_TYPE"}),
          V8DebugConstant(
              {"type_UncompiledDataWithoutPreparseData__UNCOMPILED_DATA_WITHOUT_PREPARSE_"
               "DATA_TYPE"}),
          V8DebugConstant({"type_UncompiledDataWithoutPreparseDataWithJob__UNCOMPILED_DATA_WITHOUT_"
                           "PREPARSE_DATA_WITH_JOB_TYPE"})},
      shared_scope_(
          V8DebugConstant({"class_SharedFunctionInfo__name_or_scope_info__Tagged_NameOrScopeInfoT_",
                           "class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_",
                           "class_SharedFunctionInfo__name_or_scope_info__Object"})),
      shared_token_(
          V8DebugConstant({"class_SharedFunctionInfo__raw_function_token_offset__int16_t"})),
      uncompiled_begin_(V8DebugConstant({"class_UncompiledData__start_position__int32_t"})),
      uncompiled_end_(V8DebugConstant({"class_UncompiledData__end_position__int32_t"})),
      first_variable_(V8DebugConstant({"scopeinfo_idx_first_vars"})),
      variable_count_(V8DebugConstant({"scopeinfo_idx_ncontextlocals"})) {}

bool FunctionRanges::Of(const HeapView& heap, uintptr_t shared, FunctionRange* range) const {
  if (std::min({shared_scope_, shared_token_, uncompiled_begin_, uncompiled_end_, first_variable_,
                variable_count_}) < 0) {
    return false;
  }
  uintptr_t scope;
  uint16_t token;
  if (!heap.Field(shared, shared_scope_, &scope) || !heap.Field(shared, shared_token_, &token)) {
    return false;
  }
  int32_t begin;
  int32_t end;
  if (!OfUncompiled(heap, shared, &begin, &end) &&
      !(heap.HasType(scope, scope_type_) && OfScope(heap, scope, &begin, &end))) {
    return false;
  }
  // From the first token to the parameters; the largest number stands for all larger ones.
  constexpr uint16_t kOutOfRange = 0xffff;
  if (token == kOutOfRange || begin < token || end < begin) return false;
  *range = {begin - token, end};
  return true;
}

bool FunctionRanges::OfScope(const HeapView& heap, uintptr_t scope, int32_t* begin) const {
  int32_t end;
  return first_variable_ >= kWordsWithPositions && heap.HasType(scope, scope_type_) &&
         OfScope(heap, scope, begin, &end) && *begin >= 0 && *begin <= end;
}

bool FunctionRanges::OfScope(const HeapView& heap, uintptr_t scope, int32_t* begin,
                             int32_t* end) const {
  int64_t word = kFixedBegin;
  if (first_variable_ < kWordsWithPositions) {
    uintptr_t raw_flags;
    int32_t locals;
    if (!heap.Field(scope, kScopeFlags, &raw_flags) || !HeapView::IsSmi(raw_flags) ||
        !heap.SmiField(scope, kWord * (1 + variable_count_), &locals) || locals < 0) {
      return false;
    }
    const uint32_t flags = static_cast<uint32_t>(HeapView::SmiValue(raw_flags));
    constexpr int kSavedClass = 10;
    constexpr int kFunctionVariable = 12;
    constexpr int kInferredName = 14;
    const int names = locals < kMostInlineNames ? locals : 1;
    word = 1 + first_variable_ + int64_t{names} + locals + ((flags >> kSavedClass) & 1) +
           (((flags >> kFunctionVariable) & 3) != 0 ? 2 : 0) + ((flags >> kInferredName) & 1);
  }
  if (word > (1 << 20)) return false;
  const int offset = static_cast<int>(kWord * word);
  return heap.SmiField(scope, offset, begin) && heap.SmiField(scope, offset + kWord, end);
}

bool FunctionRanges::OfUncompiled(const HeapView& heap, uintptr_t shared, int32_t* begin,
                                  int32_t* end) const {
  // Two fields can have it: V8 13 uses the second for untrusted data.
  for (const int field : {heap.layout().shared_data, heap.layout().shared_data + kWord}) {
    uintptr_t data;
    if (!heap.Field(shared, field, &data)) return false;
    for (const int type : uncompiled_types_) {
      if (type >= 0 && heap.HasType(data, type)) {
        return heap.Field(data, uncompiled_begin_, begin) && heap.Field(data, uncompiled_end_, end);
      }
    }
  }
  return false;
}

}  // namespace tracemalloc
