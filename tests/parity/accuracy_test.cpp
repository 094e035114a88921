// The GPU's models are as good as the CPU's: the validation error over seeds, at equal epochs.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cpu/cpu_backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "models/mf/mf.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/gpu.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

constexpr int kSeeds = 5;

// The mean over seeds of the RMSE on a tenth of the ratings.
double mean_rmse(Backend& backend, const Dataset& data, float learning_rate, int epochs) {
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Partition split = make_split(data, parse_split("random:0.1"), seed);
    MfOptions options;
    options.factors = 64;
    options.learning_rate = learning_rate;
    const MfParams params = mf_params(options, 1.1f, seed);
    const auto session = backend.open_mf(
        {data.ratings(), split.label, data.scale, {{params, split.train(), split.test, 3.53f}}});
    for (int epoch = 0; epoch < epochs; ++epoch) session->run_epoch({{1.0f}});
    sum += session->validate()[0].rmse();
  }
  return sum / kSeeds;
}

void expect_the_error_of_the_cpu(const Dataset& data, float learning_rate, int epochs) {
  const double cpu = mean_rmse(*make_cpu_backend(0), data, learning_rate, epochs);
  for (const CudaOptions& options :
       {CudaOptions{}, CudaOptions{false, Precision::fp16}, CudaOptions{true}}) {
    const auto backend = open_cuda_backend(0, 0, options);
    EXPECT_NEAR(mean_rmse(*backend, data, learning_rate, epochs), cpu, 0.001)
        << (options.deterministic ? "deterministic" : "Hogwild")
        << (options.precision == Precision::fp16 ? ", fp16" : ", fp32");
  }
}

TEST(CudaAccuracy, IsThatOfTheCpuOnMovieLens100K) {
  TUSK_SKIP_WITHOUT_GPU();
  TUSK_REAL_DATA(folder, "ml-100k");
  expect_the_error_of_the_cpu(read_dataset(folder), 0.005f, 60);
}

TEST(CudaAccuracy, IsThatOfTheCpuOnTheTwinOfMovieLens1M) {
  TUSK_SKIP_WITHOUT_GPU();
  const test::TempFolder folder;
  write_synthetic(synthetic_spec("ml-1m"), 1, folder.path());
  expect_the_error_of_the_cpu(read_dataset(folder.path()), 0.01f, 20);
}

}  // namespace
}  // namespace tusk
