// SPDX-License-Identifier: MIT
// The layout of the V8 memory that the stack walker reads: one row of byte offsets and numbers per
// supported V8, with the source of each number. A row is never trusted alone: numbers that V8
// exports (v8dbg_ symbols) are compared at start, and the self-test must pass.
#ifndef TRACEMALLOC_LAYOUT_LAYOUT_H_
#define TRACEMALLOC_LAYOUT_LAYOUT_H_

#include <cstddef>
#include <string>

namespace tracemalloc {

// How an entry of a source position table packs its flags next to the code offset.
enum PositionEncoding { kStatementInSign = 0, kTwoFlagBits = 1 };

// Offsets are in bytes from an object's untagged address. All entries are ints, so that tests can
// corrupt each of them by name. Each group has the file that declares it at V8's tag 13.6.233.
struct Layout {
  int node_module_version;
  int v8_major;
  int v8_minor;

  // Frame type numbers (marker >> 1), src/execution/frames.h, and instance types,
  // src/objects/instance-type.h.
  int frame_stub;
  int type_shared_function_info;
  int type_script;
  int type_bytecode_array;
  int type_byte_array;          // of position tables; trusted since V8 12
  int type_inlining_positions;  // trusted since V8 13
  int type_code;

  int function_shared;  // src/objects/js-function.tq
  // src/objects/shared-function-info.tq
  int shared_data;
  int shared_script;
  int shared_literal_id;
  // src/objects/script.tq
  int script_line_offset;
  int script_column_offset;
  int script_type;
  int script_id;

  // src/objects/bytecode-array.tq
  int bytecode_constants;
  int bytecode_positions;
  int bytecode_data;
  int position_encoding;  // src/codegen/source-position-table.cc

  // src/objects/code.h
  int code_deopt_data;  // baseline code keeps its bytecode array there
  int code_positions;   // baseline code keeps its offset table there
  int code_stream;
  int code_start;
  int code_flags;
  int code_size;
  // src/objects/instruction-stream.h
  int stream_code;
  int stream_header;
  // src/objects/code-kind.h
  int kind_baseline;
  int kind_maglev;  // V8 counts it even where it is not compiled in
  int kind_turbofan;

  // Indexes into DeoptimizationData, src/objects/deoptimization-data.h.
  int deopt_literals;
  int deopt_inlining_positions;
  int deopt_first_entry;
  int safepoint_length;  // of the table's length field, src/codegen/safepoint-table.h

  int bytecode_jump_loop;  // src/interpreter/bytecodes.h
};

struct LayoutEntry {
  const char* name;
  int Layout::* member;
  // V8's symbols for it, likeliest first. If any is exported, one must have the row's value.
  const char* debug_names[3];
};

const LayoutEntry* LayoutEntries(size_t* count);

// The row for this V8, or nullptr with the reason. Patch levels within a row's major.minor pass.
const Layout* FindLayout(int node_module_version, const char* v8_version, std::string* reason);

// False with the reason if the row contradicts itself or exported numbers, all of which are named.
bool CheckConstants(const Layout& layout, std::string* reason);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_LAYOUT_LAYOUT_H_
