#include "hogwild_kernel.cuh"
#include "hogwild_kernels.cuh"

namespace tusk {

HogwildFunction hogwild_fp32(int factors_per_lane) {
  HogwildFunction chosen = nullptr;
  visit_factors_per_lane(factors_per_lane, [&](auto per_lane) {
    if constexpr (per_lane == 0) {
      chosen = hogwild_in_memory<float>;
    } else {
      chosen = hogwild_in_registers<float, per_lane>;
    }
  });
  return chosen;
}

}  // namespace tusk
