// SPDX-License-Identifier: MIT
// The part of a script's name that is kept. A name can contain data: a `data:` URL is the whole
// source text, and a query may have any values of the program. None of that may leave the process.
#ifndef TRACEMALLOC_CORE_SCRIPT_NAME_H_
#define TRACEMALLOC_CORE_SCRIPT_NAME_H_

#include <string>
#include <string_view>

namespace tracemalloc {

// Paths and labels are kept. Of a `data:` URL its type is kept, of any other URL all but user,
// query and fragment. A number distinguishes `data:` URLs and extremely long names, which are cut.
std::string ScriptName(std::string_view name);

// The same for any other name: an extremely long one is cut, with such a number at its end.
std::string BoundedName(std::string_view name);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_SCRIPT_NAME_H_
