#include "cpu/kernels.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {

// Each is kernel_table.cpp compiled for one instruction set.
namespace baseline {
extern const CpuKernels kKernels;
}
namespace avx2 {
extern const CpuKernels kKernels;
}
namespace wide {
extern const CpuKernels kKernels;
}
namespace avx512 {
extern const CpuKernels kKernels;
}
namespace neon {
extern const CpuKernels kKernels;
}

namespace {

constexpr std::array kNames = {"auto", "baseline", "avx2", "avx512", "neon", "wide"};

std::vector<KernelSet> find_kernel_sets() {
#if defined(TUSK_X86_KERNELS)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  return {{&baseline::kKernels, "", true, true},
          {&wide::kKernels, "AVX2 and FMA", avx2, false},
          {&avx2::kKernels, "AVX2 and FMA", avx2, true},
          {&avx512::kKernels, "AVX-512 F, DQ, BW and VL", avx2 && avx512, true}};
#elif defined(TUSK_NEON_KERNELS)
  return {{&neon::kKernels, "", true, true}};
#else
  return {{&baseline::kKernels, "", true, true}};
#endif
}

}  // namespace

std::span<const KernelSet> kernel_sets() {
  static const std::vector<KernelSet> sets = find_kernel_sets();
  return sets;
}

const CpuKernels& cpu_kernels(std::string_view given) {
  const std::string name = canonical_name(given);
  const CpuKernels* fastest = nullptr;
  std::vector<std::string> usable;
  for (const KernelSet& set : kernel_sets()) {
    if (name == set.kernels->name) {
      if (set.runs) return *set.kernels;
      throw DeviceError(
          fmt::format("CPU kernels {} need {}, which this processor lacks", name, set.needs));
    }
    if (!set.runs) continue;
    if (set.automatic) fastest = set.kernels;
    usable.emplace_back(set.kernels->name);
  }
  if (name == "auto") return *fastest;
  const std::string choices = fmt::format("auto, {}", fmt::join(usable, ", "));
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
    throw UsageError(
        fmt::format("there are no CPU kernels {}; this machine has {}", in_quotes(given), choices));
  }
  throw DeviceError(
      fmt::format("CPU kernels {} are for processors of another kind; this machine "
                  "has {}",
                  name, choices));
}

}  // namespace tusk
