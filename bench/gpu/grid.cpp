// Times a search on a GPU, many small models side by side: the grid of 81 settings on 3 folds that
// bench/peers runs beside Surprise's, twice, and on the CPU for its errors.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

namespace {

std::vector<tusk::Candidate> grid() {
  std::vector<tusk::Candidate> candidates;
  for (const int factors : {20, 50, 100}) {
    for (const int epochs : {10, 20, 30}) {
      for (const float rate : {0.002f, 0.005f, 0.007f}) {
        for (const float regularization : {0.02f, 0.05f, 0.1f}) {
          tusk::MfOptions options;
          options.factors = factors;
          options.learning_rate = rate;
          options.bias_learning_rate = rate;
          options.regularization = regularization;
          options.bias_regularization = regularization;
          options.init_std = 0.1f;
          options.epochs = epochs;
          candidates.push_back({options, {}});
        }
      }
    }
  }
  return candidates;
}

struct Result {
  std::vector<double> rmse;  // by candidate
  double seconds = 0;
};

Result run(const char* name, const tusk::Dataset& data, const tusk::Partition& folds) {
  const auto candidates = grid();
  const auto device = tusk::open_device({name});
  const auto start = std::chrono::steady_clock::now();
  const auto trials = tusk::search(*device, data, folds, candidates, {}, {});
  Result result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (const tusk::Trial& trial : trials) {
    result.rmse.push_back(tusk::score(tusk::fold_values({}, trial)).mean);
  }
  return result;
}

double largest_difference(const Result& a, const Result& b) {
  double largest = 0;
  for (std::size_t c = 0; c < a.rmse.size(); ++c) {
    largest = std::max(largest, std::abs(a.rmse[c] - b.rmse[c]));
  }
  return largest;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} DATA\n", argv[0]);
    return 2;
  }
  const tusk::Dataset data = tusk::read_dataset(argv[1]);
  const tusk::Partition folds = tusk::make_folds(data, tusk::parse_folds("3"), 1);
  const Result cpu = run("cpu", data, folds);
  run("cuda", data, folds);  // the driver's start does not count
  const Result first = run("cuda", data, folds);
  const Result second = run("cuda", data, folds);
  fmt::print("| data | device | s | again | largest difference of mean RMSE from the CPU's |\n");
  fmt::print("|---|---|---|---|---|\n");
  fmt::print("| {} | CPU | {:.2f} | | |\n", argv[1], cpu.seconds);
  fmt::print("| {} | GPU | {:.3f}, {:.3f} | {} | {:.5f} |\n", argv[1], first.seconds,
             second.seconds, first.rmse == second.rmse ? "the same bits" : "OTHER BITS",
             largest_difference(cpu, first));
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
