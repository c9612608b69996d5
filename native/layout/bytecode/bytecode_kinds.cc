// SPDX-License-Identifier: MIT
#include "layout/bytecode/bytecode_kinds.h"

#include <cstring>

namespace tracemalloc {
namespace {

// In V8's order. Read from the names of the official builds' bytecodes.
struct Kinds {
  int node_module_version;
  const char* letters;
  int call_runtime;
  int define_class;
};
constexpr Kinds kKinds[] = {
    {115,
     "--------------------v-v----------lllvvllllllllll--lleele+nnnnnnnnnnnnnnnnnnnnnnn"
     "nnnn---ll-*****************nnnnnn***nn*sxaidopqtfbhcchggr-----------------------"
     "-****--**-****---*--------------------",
     101, 42},
    {127,
     "--------------------v-v----------lllvvvvlllllllllll--lleele+nnnnnnnnnnnnnnnnnnnn"
     "nnnnnnn---ll-******************nnnnnn***nn*s-xaidopqtfbhcchggr------------------"
     "------****--**-****---*--------------------",
     104, 43},
    {137,
     "--------------------vv-vv----------lllvvvvlllllllllllll--lleele+nnnnnnnnnnnnnnnn"
     "nnnnnnnnnnn---ll-******************nnnnnn***nn*s-xaidopqtfbhcchggr--------------"
     "------------***--**-****---*--------------------",
     108, 47},
    {141,
     "---------------------v--v----------lll--vvlllllllllllll--lleele*+nnnnnnnnnnn+nnn"
     "nnnnnnnnnnnnn---ll-******************nnnnnn***nn*s-xaidopqtfbhccchggr-----------"
     "---------------***-*-**-****---*--------------------",
     110, 47},
    {147,
     "---------------------v--v----------lll--vvlllllllllllll--lleele*+nnnnnnnnnnn+nnn"
     "nnnnnnnnnnnnn---ll-******************nnnnnn***nn*s-xaidopqtfbhccchggr-----------"
     "---------------***-*-**-****---*--------------------",
     110, 46},
};

}  // namespace

BytecodeKinds::BytecodeKinds(int node_module_version) {
  for (const Kinds& kinds : kKinds) {
    if (kinds.node_module_version != node_module_version) continue;
    letters_ = kinds.letters;
    call_runtime_ = kinds.call_runtime;
    define_class_ = kinds.define_class;
  }
  count_ = static_cast<int>(std::strlen(letters_));
}

BytecodeKind BytecodeKinds::Of(uint8_t bytecode) const {
  return bytecode < count_ ? static_cast<BytecodeKind>(letters_[bytecode])
                           : BytecodeKind::kAnything;
}

}  // namespace tracemalloc
