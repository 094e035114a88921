#include "hogwild_kernel.cuh"

namespace tusk {

HogwildFunction hogwild_fp16(int factors_per_lane) {
  return hogwild_function<__half>(factors_per_lane);
}

}  // namespace tusk
