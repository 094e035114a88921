#include "cpu/kernels.hpp"

#include <vector>

namespace tusk {

// Each is kernel_table.cpp compiled for one instruction set.
namespace baseline {
extern const CpuKernels kKernels;
}
#ifdef TUSK_X86_KERNELS
namespace avx2 {
extern const CpuKernels kKernels;
}
namespace avx512 {
extern const CpuKernels kKernels;
}
#endif

std::span<const CpuKernels* const> all_cpu_kernels() {
  static const std::vector<const CpuKernels*> kernels = [] {
    std::vector<const CpuKernels*> can_run = {&baseline::kKernels};
#ifdef TUSK_X86_KERNELS
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    if (avx2) can_run.push_back(&avx2::kKernels);
    if (avx2 && avx512) can_run.push_back(&avx512::kKernels);
#endif
    return can_run;
  }();
  return kernels;
}

const CpuKernels& cpu_kernels() { return *all_cpu_kernels().back(); }

}  // namespace tusk
