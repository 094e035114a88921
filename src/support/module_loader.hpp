// Parts of Tusk that are loaded when they are needed: shared libraries of the same build.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace tusk {

// A module has two symbols of C linkage: a text that says which build it belongs to, and a
// function.
struct ModuleKind {
  const char* file;              // "libtusk_cuda.so"
  const char* name;              // "CUDA module"
  const char* needs;             // what Tusk is built without where there is none
  const char* interface_symbol;  // of a const char*
  const char* function_symbol;
  // Whether the libraries that it needs are seen by those that they load themselves.
  bool shares_libraries = false;
};

struct LoadedModule {
  std::string file;          // empty if none was found
  void* function = nullptr;  // null if it cannot be used
  std::string problem;       // why not; empty if it can
};

// Beside the file that Tusk's code is in (the program or libtusk.so), then in the library folder of
// the install tree of that file.
std::vector<std::string> module_places(const ModuleKind& kind);

// Loads the first of these files that exists, and never unloads it. `interface`: what its text must
// be. Relative names are skipped: the current folder and LD_LIBRARY_PATH, which others may control,
// never supply a module.
LoadedModule load_module(const ModuleKind& kind, std::span<const std::string> places,
                         const char* interface);

}  // namespace tusk
