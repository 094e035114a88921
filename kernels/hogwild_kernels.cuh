// Which Hogwild kernel is which. Each storage is compiled in a file of its own, so that they
// compile side by side.
#pragma once

#include "dispatch.cuh"
#include "hogwild_arguments.hpp"

namespace tusk {

struct HogwildFunctions {
  void (*one_model)(HogwildArguments) = nullptr;                   // by many warps
  void (*side_by_side)(const HogwildArguments* models) = nullptr;  // a warp a model
};

HogwildFunctions hogwild_fp32(int factors_per_lane);
HogwildFunctions hogwild_fp16(int factors_per_lane);

}  // namespace tusk
