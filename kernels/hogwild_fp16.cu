#include "hogwild_kernel.cuh"

namespace tusk {

HogwildFunctions hogwild_fp16(int factors_per_lane) {
  return hogwild_functions<__half>(factors_per_lane);
}

}  // namespace tusk
