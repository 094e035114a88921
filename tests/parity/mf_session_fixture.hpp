// MfSession for every backend that this machine can run.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "support/philox.hpp"
#include "tests/support/cpu_kernels.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/gpu.hpp"
#include "tests/support/reference_sgd.hpp"

namespace tusk {

using test::make_dataset;
using test::random_dataset;

struct BackendCase {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
  // Makes one that must give the same bits; null for training whose threads race.
  std::function<std::unique_ptr<Backend>()> same_bits;
  bool gpu = false;
  // The largest difference to the definition of a parameter after a few updates that commute: the
  // rounding of fp32 sums, or of fp16 parameters of about 1.
  double tolerance = 1e-5;
  std::optional<KernelSet> kernels;  // of a CPU

  friend std::ostream& operator<<(std::ostream& out, const BackendCase& c) { return out << c.name; }
};

inline BackendCase gpu_case(const std::string& name, const CudaOptions& options) {
  const auto make = [=] { return open_cuda_backend(0, 2, options); };
  BackendCase gpu{name, make, {}, true};
  if (options.deterministic) gpu.same_bits = make;
  if (options.precision == Precision::fp16) gpu.tolerance = 0.01;
  return gpu;
}

inline std::vector<BackendCase> backends() {
  std::vector<BackendCase> cases;
  for (const KernelSet& set : kernel_sets()) {
    for (const int threads : {1, 3}) {
      BackendCase cpu{std::string("cpu_") + set.kernels->name + "_" + std::to_string(threads),
                      [=] { return make_cpu_backend(threads, *set.kernels); },
                      [=] { return make_cpu_backend(1, *set.kernels); }};
      cpu.kernels = set;
      cases.push_back(cpu);
    }
  }
  cases.push_back(gpu_case("cuda", {}));
  cases.push_back(gpu_case("cuda_fp16", {false, Precision::fp16}));
  cases.push_back(gpu_case("cuda_deterministic", {true, Precision::fp32}));
  cases.push_back(gpu_case("cuda_deterministic_fp16", {true, Precision::fp16}));
  return cases;
}

inline const LabelSet kEverything = LabelSet().set();

inline MfProblem problem(const Dataset& data, const std::vector<Label>& label,
                         const MfParams& params, const LabelSet& train = kEverything,
                         const LabelSet& validate = {}) {
  return {data.ratings(), label, data.scale, {{params, train, validate, 3.0f}}};
}

inline std::vector<Label> all_zero(const Dataset& data) {
  return std::vector<Label>(data.rating.size());
}

class MfSessionTest : public testing::TestWithParam<BackendCase> {
 protected:
  void SetUp() override {
    if (GetParam().gpu) TUSK_SKIP_WITHOUT_GPU();
    if (GetParam().kernels) TUSK_SKIP_WITHOUT_KERNELS(*GetParam().kernels);
    backend_ = GetParam().make();
  }

  std::unique_ptr<Backend> backend_;
};

}  // namespace tusk
