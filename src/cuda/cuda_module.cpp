#include "cuda/cuda_module.hpp"

#include "support/module_interface.hpp"
#include "support/module_loader.hpp"

namespace tusk {
namespace {

constexpr ModuleKind kKind = {kCudaModuleFile, "CUDA module", "the CUDA toolkit",
                              kCudaInterfaceSymbol, kCudaModuleSymbol};

}  // namespace

LoadedCudaModule load_cuda_module(std::span<const std::string> places) {
  const LoadedModule found = load_module(kKind, places, kModuleInterface);
  LoadedCudaModule loaded{found.file, nullptr, found.problem};
  if (found.function != nullptr) {
    loaded.module = reinterpret_cast<CudaModuleFunction>(found.function)();
  }
  return loaded;
}

const LoadedCudaModule& cuda_module() {
  static const LoadedCudaModule loaded = load_cuda_module(module_places(kKind));
  return loaded;
}

}  // namespace tusk
