// Modules that do not belong to this build, or only seem to: compiled several times.
#include "cuda/cuda_module.hpp"
#include "support/module_interface.hpp"

extern "C" {
#ifdef TUSK_FAKE_OTHER_BUILD
extern const char* const tusk_cuda_interface = "0.0.0-other";
#endif
#ifdef TUSK_FAKE_THIS_BUILD
extern const char* const tusk_cuda_interface = tusk::kModuleInterface;
#endif
#ifndef TUSK_FAKE_WITHOUT_FUNCTION
const tusk::CudaModule* tusk_cuda_module() {
  static const tusk::CudaModule module{12345, nullptr, nullptr, nullptr};
  return &module;
}
#endif
}
