#include "hogwild_kernel.cuh"

namespace tusk {

HogwildFunctions hogwild_fp32(int factors_per_lane) {
  return hogwild_functions<float>(factors_per_lane);
}

}  // namespace tusk
