#include "support/module_loader.hpp"

#include <cstring>
#include <filesystem>

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <link.h>

#include "support/module_interface.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;

// The file that this code is in: the program, or libtusk.so.
fs::path own_file(std::error_code& error) {
  Dl_info info{};
  link_map* map = nullptr;
  const bool found = dladdr1(reinterpret_cast<const void*>(&load_module), &info,
                             reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) != 0;
  // A program has no name there.
  const bool library = found && map->l_name != nullptr && *map->l_name != '\0';
  return fs::canonical(library ? map->l_name : "/proc/self/exe", error);
}

// The last error of dlopen, which names the file.
std::string loader_error() {
  const char* const text = dlerror();
  return text == nullptr ? "unknown error" : text;
}

}  // namespace

std::vector<std::string> module_places(const ModuleKind& kind) {
  std::vector<std::string> places;
  std::error_code error;
  const fs::path folder = own_file(error).parent_path();
  if (!error) {
    places.push_back(folder / kind.file);
    places.push_back((folder / kLibraryFolderFromPrograms).lexically_normal() / kind.file);
  }
  return places;
}

LoadedModule load_module(const ModuleKind& kind, std::span<const std::string> places,
                         const char* interface) {
  LoadedModule loaded;
  void* library = nullptr;
  for (const std::string& place : places) {
    std::error_code error;
    // A relative name would be looked for in the current folder or in LD_LIBRARY_PATH.
    if (!fs::path(place).is_absolute() || !fs::exists(place, error)) continue;
    loaded.file = place;
    library = dlopen(place.c_str(), RTLD_NOW | (kind.shares_libraries ? RTLD_GLOBAL : RTLD_LOCAL));
    if (library != nullptr) break;
    loaded.problem = fmt::format("the {} cannot be loaded: {}", kind.name, loader_error());
    return loaded;
  }
  if (library == nullptr) {
    loaded.problem = fmt::format(
        "there is no {}: Tusk was built without {}, or {} is not where it was installed (looked "
        "for {})",
        kind.name, kind.needs, kind.file, fmt::join(places, ", "));
    return loaded;
  }
  const auto* const symbol = static_cast<const char* const*>(dlsym(library, kind.interface_symbol));
  const char* const found = symbol == nullptr ? nullptr : *symbol;
  if (found == nullptr || std::strcmp(found, interface) != 0) {
    loaded.problem = fmt::format(
        "the {} {} is of another build of Tusk (it says {}, this is {}); install both together",
        kind.name, loaded.file, found == nullptr ? "nothing" : found, interface);
    return loaded;
  }
  loaded.function = dlsym(library, kind.function_symbol);
  if (loaded.function == nullptr) {
    loaded.problem =
        fmt::format("the {} {} lacks {}", kind.name, loaded.file, kind.function_symbol);
  }
  return loaded;
}

}  // namespace tusk
