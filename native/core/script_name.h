// SPDX-License-Identifier: MIT
// A script's name as it is kept. A name can be more than a name: a `data:` URL is the whole source
// text, a query may be whatever the program put together. None of that leaves the process.
#ifndef TRACEMALLOC_CORE_SCRIPT_NAME_H_
#define TRACEMALLOC_CORE_SCRIPT_NAME_H_

#include <string>
#include <string_view>

namespace tracemalloc {

// Paths and labels stay. Of a `data:` URL its type is kept, of any other URL all but user, query
// and fragment. What is cut off a `data:` URL or a name beyond all measure is told apart by a
// number.
std::string ScriptName(std::string_view name);

// Any other name: of one beyond all measure the beginning, and such a number.
std::string BoundedName(std::string_view name);

}  // namespace tracemalloc

#endif  // TRACEMALLOC_CORE_SCRIPT_NAME_H_
