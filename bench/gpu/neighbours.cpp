// Times finding every row's 50 nearest neighbours on a GPU and prints a table: from a matrix in
// memory to a table of neighbours in memory. The first time does not count; the rest is a median.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "backend/backend.hpp"
#include "cuda/cuda_backend.hpp"
#include "models/knn/knn_ratings.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Times {
  double open = 0;
  double query = 0;
};

Times time_neighbours(tusk::Backend& backend, const tusk::NeighbourProblem& problem) {
  constexpr int kNeighbours = 50;
  constexpr int kRuns = 3;
  std::vector<tusk::Index> rows(static_cast<std::size_t>(problem.rows.rows()));
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<Times> runs;
  for (int run = 0; run <= kRuns; ++run) {
    Times times;
    auto start = Clock::now();
    const auto session = backend.open_similar(problem);
    times.open = seconds_since(start);
    start = Clock::now();
    const tusk::TopK found = session->query(rows, kNeighbours);
    times.query = seconds_since(start);
    if (run > 0) runs.push_back(times);
  }
  std::sort(runs.begin(), runs.end(),
            [](const Times& a, const Times& b) { return a.open + a.query < b.open + b.query; });
  return runs[runs.size() / 2];
}

// Pairs of entries of one column: what any way of adding up sums has to look at.
double entry_pairs(const tusk::CsrView& columns) {
  double pairs = 0;
  for (tusk::Index column = 0; column < columns.rows(); ++column) {
    const auto size = static_cast<double>(columns.row(column).size());
    pairs += size * size;
  }
  return pairs;
}

void time_data(const std::string& name, const tusk::Dataset& data) {
  const auto gpu = tusk::open_cuda_backend(0, 0, {});
  const tusk::MfState bias =
      tusk::train(*tusk::make_backend({"cpu"}), data, tusk::BiasOptions()).state();
  for (const auto kind : {tusk::KnnRows::items, tusk::KnnRows::users}) {
    for (const auto metric :
         {tusk::SimilarityMetric::cosine, tusk::SimilarityMetric::pearson_baseline}) {
      tusk::KnnParams params;
      params.similarity = tusk::default_similarity(metric);
      const tusk::KnnRatings ratings(kind, params, bias, data.ratings());
      const auto measured = ratings.measured();
      const tusk::NeighbourProblem problem = ratings.problem(measured, {});
      const Times times = time_neighbours(*gpu, problem);
      const double pairs = entry_pairs(problem.columns);
      fmt::print("| {} | {} | {} | {:.3f} | {:.3f} | {:.3f} | {:.0f} |\n", name,
                 kind == tusk::KnnRows::items ? "item-item" : "user-user", tusk::to_string(metric),
                 times.open + times.query, times.open, times.query, pairs / times.query / 1e9);
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} FOLDER...\n", argv[0]);
    return 2;
  }
  fmt::print("| data | rows | metric | s | opening | neighbours | G entry pairs/s |\n");
  fmt::print("|---|---|---|---|---|---|---|\n");
  for (int a = 1; a < argc; ++a) {
    const std::filesystem::path folder = argv[a];
    time_data(folder.filename().string(), tusk::read_dataset(folder));
  }
} catch (const std::exception& error) {
  fmt::print(stderr, "error: {}\n", error.what());
  return 1;
}
