#include "cuda/cuda_module.hpp"

#include <cstring>
#include <filesystem>

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <link.h>

#include "cuda/cuda_interface.hpp"

namespace tusk {
namespace {

namespace fs = std::filesystem;

// The file that this code is in: the program, or libtusk.so.
fs::path own_file(std::error_code& error) {
  Dl_info info{};
  link_map* map = nullptr;
  const bool found = dladdr1(reinterpret_cast<const void*>(&load_cuda_module), &info,
                             reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) != 0;
  // A program has no name there.
  const bool library = found && map->l_name != nullptr && *map->l_name != '\0';
  return fs::canonical(library ? map->l_name : "/proc/self/exe", error);
}

std::vector<std::string> module_places() {
  std::vector<std::string> places;
  std::error_code error;
  const fs::path folder = own_file(error).parent_path();
  if (!error) {
    places.push_back(folder / kCudaModuleFile);
    places.push_back((folder / kLibraryFolderFromPrograms).lexically_normal() / kCudaModuleFile);
  }
  return places;
}

// The last error of dlopen, which names the file.
std::string loader_error() {
  const char* const text = dlerror();
  return text == nullptr ? "unknown error" : text;
}

}  // namespace

LoadedCudaModule load_cuda_module(std::span<const std::string> places) {
  LoadedCudaModule loaded;
  void* library = nullptr;
  for (const std::string& place : places) {
    std::error_code error;
    // A relative name would be looked for in the current folder or in LD_LIBRARY_PATH.
    if (!fs::path(place).is_absolute() || !fs::exists(place, error)) continue;
    loaded.file = place;
    library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
    loaded.problem = fmt::format("the CUDA module cannot be loaded: {}", loader_error());
    return loaded;
  }
  if (library == nullptr) {
    loaded.problem = fmt::format(
        "there is no CUDA module: Tusk was built without the CUDA toolkit, or {} is not where it "
        "was installed (looked for {})",
        kCudaModuleFile, fmt::join(places, ", "));
    return loaded;
  }
  const auto* const symbol = static_cast<const char* const*>(dlsym(library, kCudaInterfaceSymbol));
  const char* const interface = symbol == nullptr ? nullptr : *symbol;
  if (interface == nullptr || std::strcmp(interface, kCudaInterface) != 0) {
    loaded.problem = fmt::format(
        "the CUDA module {} is of another build of Tusk (it says {}, this is {}); install both "
        "together",
        loaded.file, interface == nullptr ? "nothing" : interface, kCudaInterface);
    return loaded;
  }
  const auto function = reinterpret_cast<CudaModuleFunction>(dlsym(library, kCudaModuleSymbol));
  if (function == nullptr) {
    loaded.problem = fmt::format("the CUDA module {} lacks {}", loaded.file, kCudaModuleSymbol);
    return loaded;
  }
  loaded.module = function();
  return loaded;
}

const LoadedCudaModule& cuda_module() {
  static const LoadedCudaModule loaded = load_cuda_module(module_places());
  return loaded;
}

}  // namespace tusk
