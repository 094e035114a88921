#include "hogwild_kernel.cuh"

namespace tusk {

HogwildFunction hogwild_fp32(int factors_per_lane) {
  return hogwild_function<float>(factors_per_lane);
}

}  // namespace tusk
