// SPDX-License-Identifier: MIT
#include "layout/layout.h"

#include <cstdio>

#include "layout/safe_read.h"

namespace tracemalloc {
namespace {

// V8 11.3 (Node 20). Numbers that have debug names below were read from these symbols in the
// official linux-x64 builds, the others from the disassembly of V8's own accessors in the same
// builds; layout.h says in which of V8's files they are declared.
constexpr Layout Node20() {
  Layout row = {};
  row.node_module_version = 115;
  row.v8_major = 11;
  row.v8_minor = 3;
  row.frame_stub = 17;
  row.type_shared_function_info = 262;
  row.type_script = 167;
  row.type_bytecode_array = 191;
  row.type_byte_array = 190;
  row.type_inlining_positions = 190;
  row.type_code = 245;
  row.function_shared = 24;
  row.shared_data = 8;
  row.shared_script = 32;
  row.shared_literal_id = 52;
  row.script_line_offset = 24;
  row.script_column_offset = 32;
  row.script_type = 48;
  row.script_id = 64;
  row.bytecode_constants = 16;
  row.bytecode_positions = 32;
  row.bytecode_data = 54;
  row.position_encoding = kStatementInSign;
  row.code_deopt_data = 16;
  row.code_positions = 24;
  row.code_stream = 32;
  row.code_start = 40;
  row.code_flags = 48;
  row.code_size = 56;
  row.stream_code = 8;
  row.stream_header = 16;
  row.kind_baseline = 11;
  row.kind_maglev = 12;
  row.kind_turbofan = 13;
  row.deopt_literals = 2;
  row.deopt_inlining_positions = 7;
  row.deopt_first_entry = 11;
  row.safepoint_length = 0;
  row.bytecode_jump_loop = 137;
  return row;
}

// V8 12.4.
constexpr Layout Node22() {
  Layout row = Node20();
  row.node_module_version = 127;
  row.v8_major = 12;
  row.v8_minor = 4;
  row.type_shared_function_info = 274;
  row.type_bytecode_array = 205;
  row.type_byte_array = 212;
  row.type_inlining_positions = 186;
  row.type_code = 206;
  row.function_shared = 32;
  row.bytecode_constants = 40;
  row.bytecode_positions = 24;
  row.bytecode_data = 64;
  row.code_deopt_data = 8;
  row.code_positions = 16;
  row.code_size = 52;
  row.stream_header = 32;
  row.kind_baseline = 10;
  row.kind_maglev = 11;
  row.kind_turbofan = 12;
  row.bytecode_jump_loop = 142;
  return row;
}

// V8 13.6.
constexpr Layout Node24() {
  Layout row = Node22();
  row.node_module_version = 137;
  row.v8_major = 13;
  row.v8_minor = 6;
  row.frame_stub = 18;
  row.type_shared_function_info = 282;
  row.type_bytecode_array = 186;
  row.type_byte_array = 196;
  row.type_inlining_positions = 196;
  row.type_code = 187;
  row.shared_script = 40;
  row.shared_literal_id = 60;
  row.code_flags = 52;
  row.code_size = 56;
  row.deopt_literals = 3;
  row.deopt_inlining_positions = 8;
  row.deopt_first_entry = 12;
  row.safepoint_length = 4;
  row.bytecode_jump_loop = 146;
  return row;
}

// V8 14.1.
constexpr Layout Node25() {
  Layout row = Node24();
  row.node_module_version = 141;
  row.v8_major = 14;
  row.v8_minor = 1;
  row.type_shared_function_info = 286;
  row.type_script = 165;
  row.type_bytecode_array = 184;
  row.type_byte_array = 195;
  row.type_inlining_positions = 195;
  row.type_code = 185;
  row.position_encoding = kTwoFlagBits;
  row.bytecode_jump_loop = 149;
  return row;
}

// V8 14.6.
constexpr Layout Node26() {
  Layout row = Node25();
  row.node_module_version = 147;
  row.v8_minor = 6;
  row.frame_stub = 8;
  row.type_shared_function_info = 288;
  row.type_script = 166;
  row.type_bytecode_array = 185;
  row.type_byte_array = 196;
  row.type_inlining_positions = 196;
  row.type_code = 186;
  row.kind_baseline = 11;
  row.kind_maglev = 12;
  row.kind_turbofan = 13;
  return row;
}

constexpr Layout kLayouts[] = {Node20(), Node22(), Node24(), Node25(), Node26()};

constexpr LayoutEntry kEntries[] = {
    {"frame_stub", &Layout::frame_stub, {"frametype_StubFrame"}},
    {"type_shared_function_info",
     &Layout::type_shared_function_info,
     {"type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE"}},
    {"type_script", &Layout::type_script, {"type_Script__SCRIPT_TYPE"}},
    {"type_bytecode_array",
     &Layout::type_bytecode_array,
     {"type_BytecodeArray__BYTECODE_ARRAY_TYPE"}},
    {"type_byte_array",
     &Layout::type_byte_array,
     {"type_TrustedByteArray__TRUSTED_BYTE_ARRAY_TYPE", "type_ByteArray__BYTE_ARRAY_TYPE"}},
    {"type_inlining_positions",
     &Layout::type_inlining_positions,
     {"type_TrustedByteArray__TRUSTED_BYTE_ARRAY_TYPE", "type_ByteArray__BYTE_ARRAY_TYPE"}},
    {"type_code", &Layout::type_code, {"type_Code__CODE_TYPE"}},
    {"function_shared", &Layout::function_shared, {"class_JSFunction__shared__SharedFunctionInfo"}},
    {"shared_data", &Layout::shared_data, {"class_SharedFunctionInfo__function_data__Object"}},
    {"shared_script",
     &Layout::shared_script,
     {"class_SharedFunctionInfo__raw_script__Tagged_Object_",
      "class_SharedFunctionInfo__script__Tagged_HeapObject_",
      "class_SharedFunctionInfo__script_or_debug_info__HeapObject"}},
    {"shared_literal_id", &Layout::shared_literal_id, {}},
    {"script_line_offset", &Layout::script_line_offset, {}},
    {"script_column_offset", &Layout::script_column_offset, {}},
    {"script_type", &Layout::script_type, {"class_Script__type__SMI"}},
    {"script_id", &Layout::script_id, {}},
    {"bytecode_constants", &Layout::bytecode_constants, {}},
    {"bytecode_positions", &Layout::bytecode_positions, {}},
    {"bytecode_data", &Layout::bytecode_data, {"class_BytecodeArray__data__uintptr_t"}},
    {"position_encoding", &Layout::position_encoding, {}},
    {"code_deopt_data", &Layout::code_deopt_data, {"class_Code__deoptimization_data__FixedArray"}},
    {"code_positions", &Layout::code_positions, {"class_Code__source_position_table__ByteArray"}},
    {"code_stream",
     &Layout::code_stream,
     {"class_Code__instruction_stream__Tagged_InstructionStream_"}},
    {"code_start", &Layout::code_start, {"class_Code__instruction_start__Address"}},
    {"code_flags", &Layout::code_flags, {"class_Code__flags__uint32_t"}},
    {"code_size", &Layout::code_size, {"class_Code__instruction_size__int"}},
    {"stream_code", &Layout::stream_code, {}},
    {"stream_header", &Layout::stream_header, {}},
    {"kind_baseline", &Layout::kind_baseline, {"CodeKindBaseline"}},
    {"kind_maglev", &Layout::kind_maglev, {}},
    {"kind_turbofan", &Layout::kind_turbofan, {}},
    {"deopt_literals", &Layout::deopt_literals, {"DeoptimizationDataLiteralArrayIndex"}},
    {"deopt_inlining_positions",
     &Layout::deopt_inlining_positions,
     {"DeoptimizationDataInliningPositionsIndex"}},
    {"deopt_first_entry", &Layout::deopt_first_entry, {}},
    {"safepoint_length", &Layout::safepoint_length, {}},
    {"bytecode_jump_loop", &Layout::bytecode_jump_loop, {}},
};

}  // namespace

const LayoutEntry* LayoutEntries(size_t* count) {
  *count = sizeof(kEntries) / sizeof(kEntries[0]);
  return kEntries;
}

const Layout* FindLayout(int node_module_version, const char* v8_version, std::string* reason) {
  int major = 0;
  int minor = 0;
  if (std::sscanf(v8_version, "%d.%d", &major, &minor) == 2) {
    for (const Layout& layout : kLayouts) {
      if (layout.node_module_version == node_module_version && layout.v8_major == major &&
          layout.v8_minor == minor) {
        return &layout;
      }
    }
  }
  *reason = std::string("no layout for V8 ") + v8_version + " (NODE_MODULE_VERSION " +
            std::to_string(node_module_version) + ")";
  return nullptr;
}

bool CheckConstants(const Layout& layout, std::string* reason) {
  reason->clear();
  // Neighbours in V8's enumeration; Maglev's number can't be checked where it is not compiled in.
  if (layout.kind_maglev != layout.kind_baseline + 1 ||
      layout.kind_turbofan != layout.kind_maglev + 1) {
    *reason = "layout kind_maglev is not between its neighbours";
    return false;
  }
  for (const LayoutEntry& entry : kEntries) {
    const int expected = layout.*entry.member;
    bool exported = false;
    bool confirmed = false;
    int value = 0;
    for (const char* name : entry.debug_names) {
      int candidate;
      if (name == nullptr || !V8DebugConstant(name, &candidate)) continue;
      if (!exported) value = candidate;
      exported = true;
      confirmed = confirmed || candidate == expected;
    }
    if (!exported || confirmed) continue;
    if (!reason->empty()) *reason += "; ";
    *reason += std::string("layout ") + entry.name + " is " + std::to_string(expected) +
               " but V8 says " + std::to_string(value);
  }
  return reason->empty();
}

}  // namespace tracemalloc
