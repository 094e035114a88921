// The kernel for a number of factors, as kernels/dispatch.cuh chooses it on a GPU. After
// warp_emulator.hpp.
#pragma once

// clang-format off
#include "tests/cuda/copy_emulator.hpp"  // before device code
// clang-format on

#include "dispatch.cuh"
#include "hogwild_kernel.cuh"
#include "model_kernel.cuh"
#include "strata_kernel.cuh"

namespace tusk::test {

using StrataFunction = void (*)(StrataArguments);

inline HogwildFunctions hogwild_kernels(Precision precision, int factors_per_lane) {
  return precision == Precision::fp16 ? hogwild_functions<__half>(factors_per_lane)
                                      : hogwild_functions<float>(factors_per_lane);
}

inline StrataFunction strata_kernel(Precision precision, int factors_per_lane) {
  StrataFunction chosen = nullptr;
  const auto choose = [&](auto storage) {
    using Storage = decltype(storage);
    visit_factors_per_lane<Storage>(factors_per_lane, [&](auto per_lane) {
      constexpr int kPerLane = decltype(per_lane)::value;
      if constexpr (kPerLane == 0) {
        chosen = strata_in_memory<Storage>;
      } else {
        chosen = strata_in_registers<Storage, kPerLane>;
      }
    });
  };
  precision == Precision::fp16 ? choose(__half()) : choose(0.0f);
  return chosen;
}

}  // namespace tusk::test
