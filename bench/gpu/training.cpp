// Times training on a GPU and prints a table, of kernels or of whole trainings.
//
// Every session call ends when the GPU has done its work, so the host's clock tells its time. A
// time of an epoch is the median of some after a first one that does not count. The fraction of
// copy bandwidth is by the bytes that an update moves if item rows come from and go to memory:
// 8 of the rating, and twice a row of the item.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "cuda/row_layout.hpp"
#include "models/mf/mf.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A tenth of the ratings to validate on, and a schedule with which 20 epochs come far.
struct Task {
  const tusk::Dataset& data;
  tusk::Partition split;

  explicit Task(const tusk::Dataset& dataset)
      : data(dataset), split(tusk::make_split(dataset, tusk::parse_split("random:0.1"), 1)) {}

  tusk::MfProblem problem(int factors) const {
    tusk::MfOptions options;
    options.factors = factors;
    options.user_learning_rate = options.item_learning_rate = 0.05f;
    options.user_regularization = options.item_regularization = 0.05f;
    options.bias_learning_rate = 0.01f;
    options.init_std = 0.05f;
    const tusk::MfParams params = tusk::mf_params(options, 1.05f);
    return {data.ratings(), split.label, data.scale, {{params, split.train(), split.test, 3.5f}}};
  }

  static float rate(int epoch) { return 1 / (1 + 0.35f * static_cast<float>(epoch)); }
};

struct EpochTime {
  double seconds = 0;
  std::int64_t ratings = 0;
};

EpochTime time_epochs(tusk::MfSession& session, int epochs) {
  std::vector<double> seconds;
  EpochTime time;
  for (int epoch = 0; epoch <= epochs; ++epoch) {
    const float rate = Task::rate(epoch);
    const auto start = Clock::now();
    time.ratings = session.run_epoch({&rate, 1}).front().count;
    if (epoch > 0) seconds.push_back(seconds_since(start));
  }
  std::sort(seconds.begin(), seconds.end());
  time.seconds = seconds[seconds.size() / 2];
  return time;
}

struct Way {
  const char* name;
  tusk::CudaOptions options;
};

const Way kWays[] = {
    {"fp32", {}}, {"fp16", {false, tusk::Precision::fp16}}, {"fp32, deterministic", {true}}};

void time_kernels(const std::string& name, const Task& task, double copy_bandwidth) {
  for (const Way& way : kWays) {
    const auto backend = tusk::open_cuda_backend(0, 0, way.options);
    for (const int factors : {32, 64, 128, 256}) {
      const auto session = backend->open_mf(task.problem(factors));
      const EpochTime time = time_epochs(*session, way.options.deterministic ? 3 : 9);
      const double rate = static_cast<double>(time.ratings) / time.seconds;
      const auto bytes =
          8 + 2 * static_cast<double>(tusk::row_layout(factors, way.options.precision).bytes());
      fmt::print("| {} | {} | {} | {:.2f} | {:.2f} | {:.2f} |\n", name, factors, way.name,
                 time.seconds * 1e3, rate / 1e9, rate * bytes / 1e9 / copy_bandwidth);
      std::fflush(stdout);
    }
  }
}

// From ratings in memory to factors in memory, and to the validation error of the CPU.
void time_training(const std::string& name, const Task& task) {
  constexpr int kEpochs = 20;
  const tusk::MfProblem problem = task.problem(64);
  const auto run = [&](tusk::Backend& backend, double target) {
    struct Result {
      double error = 0;
      double seconds = 0;
      double seconds_to_target = 0;  // 0 if it was not reached
      int epochs_to_target = 0;
      tusk::MfState state;
    } result;
    const auto start = Clock::now();
    const auto session = backend.open_mf(problem);
    for (int epoch = 0; epoch < kEpochs; ++epoch) {
      const float rate = Task::rate(epoch);
      session->run_epoch({&rate, 1});
      if (target == 0 && epoch + 1 < kEpochs) continue;
      result.error = session->validate().front().rmse();
      if (result.epochs_to_target == 0 && result.error <= target) {
        result.epochs_to_target = epoch + 1;
        result.seconds_to_target = seconds_since(start);
      }
    }
    result.state = session->state(0);
    result.seconds = seconds_since(start);
    return result;
  };
  const auto cpu = run(*tusk::make_backend({"cpu"}), 0);
  fmt::print("| {} | CPU | {:.4f} | {:.2f} | | |\n", name, cpu.error, cpu.seconds);
  for (const Way& way : kWays) {
    const auto backend = tusk::open_cuda_backend(0, 0, way.options);
    const auto plain = run(*backend, 0);
    const auto watched = run(*backend, cpu.error + 0.001);
    std::string again;
    if (way.options.deterministic) {
      const bool equal = plain.state.user_factors == watched.state.user_factors &&
                         plain.state.item_factors == watched.state.item_factors &&
                         plain.state.item_bias == watched.state.item_bias;
      again = equal ? "; two runs bit-equal" : "; TWO RUNS DIFFER";
    }
    const std::string reached =
        watched.epochs_to_target == 0
            ? "not reached | |"
            : fmt::format("{:.3f} | {} |", watched.seconds_to_target, watched.epochs_to_target);
    fmt::print("| {} | {}{} | {:.4f} | {:.3f} | {}\n", name, way.name, again, plain.error,
               plain.seconds, reached);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) {
    fmt::print(stderr, "usage: {} kernels|training COPY_GB_PER_S FOLDER...\n", argv[0]);
    return 2;
  }
  const std::string what = argv[1];
  const double copy_bandwidth = std::atof(argv[2]);
  if (what == "kernels") {
    fmt::print("| data | factors | way | ms an epoch | G updates/s | of copy bandwidth |\n");
    fmt::print("|---|---|---|---|---|---|\n");
  } else {
    fmt::print(
        "| data | way | RMSE after 20 epochs | s | s to the CPU's RMSE + 0.001 | epochs |\n");
    fmt::print("|---|---|---|---|---|---|\n");
  }
  for (int a = 3; a < argc; ++a) {
    const std::filesystem::path folder = argv[a];
    const tusk::Dataset data = tusk::read_dataset(folder);
    const Task task(data);
    const std::string name = folder.filename().string();
    if (what == "kernels") {
      time_kernels(name, task, copy_bandwidth);
    } else {
      time_training(name, task);
    }
  }
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
