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

using HogwildFunction = void (*)(HogwildArguments);
using StrataFunction = void (*)(StrataArguments);

inline HogwildFunction hogwild_kernel(Precision precision, int factors_per_lane) {
  HogwildFunction chosen = nullptr;
  visit_factors_per_lane(factors_per_lane, [&](auto per_lane) {
    constexpr int kPerLane = decltype(per_lane)::value;
    if constexpr (kPerLane == 0) {
      chosen = precision == Precision::fp16 ? hogwild_in_memory<__half> : hogwild_in_memory<float>;
    } else if (precision == Precision::fp16) {
      chosen = hogwild_in_registers<__half, kPerLane>;
    } else {
      chosen = hogwild_in_registers<float, kPerLane>;
    }
  });
  return chosen;
}

inline StrataFunction strata_kernel(Precision precision, int factors_per_lane) {
  StrataFunction chosen = nullptr;
  visit_factors_per_lane(factors_per_lane, [&](auto per_lane) {
    constexpr int kPerLane = decltype(per_lane)::value;
    const auto choose = [&](auto storage) {
      using Storage = decltype(storage);
      if constexpr (strata_keeps_in_registers<Storage>(kPerLane)) {
        chosen = strata_in_registers<Storage, kPerLane>;
      } else {
        chosen = strata_in_memory<Storage>;
      }
    };
    precision == Precision::fp16 ? choose(__half()) : choose(0.0f);
  });
  return chosen;
}

}  // namespace tusk::test
