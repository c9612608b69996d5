// SPDX-License-Identifier: MIT
// Turns a path into steps that people understand: the objects that they know, with the names of
// variables and properties. Names come from V8's scopes, descriptors and functions, never from
// values; a key of a table (of an object that is used as a dictionary, of a Map) is data, and is
// not read.
#ifndef TRACEMALLOC_RETAINERS_PATH_STEPS_H_
#define TRACEMALLOC_RETAINERS_PATH_STEPS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "retainers/heap_objects.h"
#include "retainers/holder_graph.h"
#include "retainers/object_names.h"

namespace tracemalloc {

enum class StepKind : uint8_t {
  kModule,     // a variable of a module's top-level code
  kGlobal,     // a property of the global object
  kEngine,     // V8's own tables
  kNative,     // native code holds the object
  kVariable,   // a variable of a function that has returned, or waits
  kFunction,   // a function, by its scope
  kProperty,   // name empty: a key that may be data
  kElement,    // of an array
  kEntry,      // of a Map or Set
  kWeakEntry,  // of a WeakMap, by its key
  kPrototype,  // an object's prototype
  kClass,      // an object's class
  kSuspended,  // a local variable of a generator or async function
  kPending,    // what happens once a promise is settled
  kResult,     // of a promise
  kBound,      // by Function.prototype.bind
  kProxy,      // its target or handler
  kInternal,   // a field that has no name in JavaScript
  kList,       // several objects of one class, one behind the other
  kTarget,     // the object itself
};

struct Step {
  StepKind kind;
  std::string name;     // of the variable or property
  std::string type;     // class of the object: "Array", "Session", "function", ...; may be empty
  FunctionPlace place;  // of a function; of a module only the file
};

// On the isolate's thread, for a path that was confirmed; nothing may be collected meanwhile.
class PathSteps {
 public:
  // Both outlive it.
  PathSteps(HeapObjects* objects, ObjectNames* names) : objects_(objects), names_(names) {}

  // False: there was no time, until `deadline` of a monotonic clock in nanoseconds.
  bool Of(const HeldPath& path, uintptr_t target, int64_t deadline, std::vector<Step>* steps);

 private:
  struct Place {
    uintptr_t object;
    uint32_t offset;
    uintptr_t before;  // what holds it; 0: nothing does
    uintptr_t next;
  };

  void AddContext(const Place& at);
  void AddFunction(const Place& at);
  void AddInternal(const Place& at, int type);
  void AddReceiver(const Place& at, const HeapObjects::Shape& shape);
  void AddTarget(uintptr_t object);
  void Push(StepKind kind, uintptr_t object, std::string name = "");
  std::string Variable(uintptr_t context, uint32_t offset);
  std::string PropertyName(uintptr_t object, int field);
  std::string ExportName(uintptr_t module, uintptr_t cell);
  void PushModule(std::string name, uintptr_t shared);
  uintptr_t ModuleOf(uintptr_t context);
  uintptr_t FunctionOf(uintptr_t module);
  std::string TypeName(uintptr_t object);

  HeapObjects* objects_;
  ObjectNames* names_;
  std::vector<Step> steps_;
  uintptr_t module_ = 0;
  uintptr_t closure_ = 0;  // a function in the anchor's scope
};

}  // namespace tracemalloc

#endif  // TRACEMALLOC_RETAINERS_PATH_STEPS_H_
