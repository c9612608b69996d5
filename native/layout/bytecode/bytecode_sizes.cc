// SPDX-License-Identifier: MIT
#include "layout/bytecode/bytecode_sizes.h"

#include <cstring>

namespace tracemalloc {
namespace {

// One letter per bytecode in V8's order: 'a' + 6 * (bytes of fixed width) + (operands that widen
// with the prefix). Read from Bytecodes::kBytecodeSizes of the official builds.
struct Sizes {
  int node_module_version;
  const char* letters;
};
constexpr Sizes kSizes[] = {
    {115,
     "aaaaabcdeopbabaaaaabddbbbcbbbaaagcccdbbddbddhddcccdddjdjcccccccccccccccccccccccc"
     "bbbbaaabbbdeedefecdeeopiieeccccccccbbbbaoiabiaicibccccaaadbbbbbbbbbbbbbbbbbbbbbb"
     "dbccebaaaabaabdeddabbaaaaaaaaaaaaaaaaa"},
    {127,
     "aaaaabcdeopbabaaaaabddbbbcbbbaaagcccdbdbbddbddhddceccdddjdjccccccccccccccccccccc"
     "cccbbbbaaabbbdeedefecdeeopiieecccccccccabbbaaoiabiaicibccccaaadbbbbbbbbbbbbbbbbb"
     "bbbbbdbccebaaaabaabdeddabbaaaaaaaaaaaaaaaaa"},
    {137,
     "aaaaabcdeopbabaaaaabdddbbbbcbbbaaagcccdbdbbdddbdddhddceccdddjdjccccccccccccccccc"
     "cccccccbbbbaabbbbdeedefecdeeopiieecccccccccabbbaaoiabiaicibccccaaadbbbbbbbbbbdbb"
     "bbbbbbbbbbddbcebaaaabaabdeddabbaaaaaaaaaaaaaaaaa"},
    {141,
     "aaaaabcdeopbabaaaaabdddbbbbcbbbaaagcccdbdbbdddbdddhddceccdddjdjbcccccccccccciccc"
     "cccccccccbbbbaabbbbdeedefecdeeopiieecccccccccabbbaaoiabiaicibcccccaaadbbbbbbbbbb"
     "dbbbbbbbbbbbbddbcebdaaaabaabdeddabbaaaaaaaaaaaaaaaaa"},
    {147,
     "aaaaabcdeopbabaaaaabdddbbbbcbbbaaagcccdbdbbdddbdddhddceccdddjdjccccccccccccciccc"
     "cccccccccbbbbaabbbbdeedefecdeeopiieecnnnnnnccabbbaaoiabiaicibcccccaaadbbbbbbbbbb"
     "dbbbbbbbbbbbbddbcebeaaaabaabdeddabgaaaaaaaaaaaaaaaaa"},
};

}  // namespace

BytecodeSizes::BytecodeSizes(int node_module_version) {
  for (const Sizes& sizes : kSizes) {
    if (sizes.node_module_version == node_module_version) letters_ = sizes.letters;
  }
  count_ = static_cast<int>(std::strlen(letters_));
}

int BytecodeSizes::SizeAt(const uint8_t* bytecodes, size_t length) const {
  if (length == 0) return 0;
  int operand_width = 1;
  int prefix = 0;
  uint8_t bytecode = bytecodes[0];
  if (bytecode < kPrefixCount) {
    operand_width = bytecode % 2 == 0 ? 2 : 4;
    prefix = 1;
    if (length < 2) return 0;
    bytecode = bytecodes[1];
  }
  if (bytecode >= count_) return 0;
  const int letter = letters_[bytecode] - 'a';
  const int size = prefix + 1 + letter / 6 + letter % 6 * operand_width;
  return static_cast<size_t>(size) <= length ? size : 0;
}

}  // namespace tracemalloc
