// Which Hogwild kernel is which. Each storage is compiled in a file of its own, so that they
// compile side by side.
#pragma once

#include "dispatch.cuh"
#include "hogwild_arguments.hpp"

namespace tusk {

using HogwildFunction = void (*)(HogwildArguments);

HogwildFunction hogwild_fp32(int factors_per_lane);
HogwildFunction hogwild_fp16(int factors_per_lane);

}  // namespace tusk
