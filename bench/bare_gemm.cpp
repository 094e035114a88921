// Compiled for the machine that it runs on.
#include "bare_gemm.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <Eigen/Core>

namespace tusk::bench {
namespace {

using Rows =
    Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

// The sizes that Eigen was fastest with, of those tried from 96 to 2048.
constexpr Eigen::Index kUsers = 1024;
constexpr Eigen::Index kItems = 1024;

}  // namespace

float bare_gemm(std::span<const float> user_factors, std::span<const float> item_factors,
                int factors, int threads) {
  const auto rows_of = [&](std::span<const float> values) {
    return Rows(values.data(), std::ssize(values) / factors, factors);
  };
  const Rows users = rows_of(user_factors);
  const Rows items = rows_of(item_factors);
  std::atomic<Eigen::Index> next = 0;
  std::atomic<float> last = 0;
  const auto work = [&] {
    Eigen::MatrixXf score(kItems, kUsers);
    for (Eigen::Index u = next.fetch_add(kUsers); u < users.rows(); u = next.fetch_add(kUsers)) {
      const Eigen::Index block = std::min(kUsers, users.rows() - u);
      for (Eigen::Index i = 0; i < items.rows(); i += kItems) {
        const Eigen::Index tile = std::min(kItems, items.rows() - i);
        score.topLeftCorner(tile, block).noalias() =
            items.middleRows(i, tile) * users.middleRows(u, block).transpose();
      }
      last = score(0, 0);
    }
  };
  std::vector<std::jthread> others;
  for (int t = 1; t < threads; ++t) others.emplace_back(work);
  work();
  others.clear();
  return last;
}

}  // namespace tusk::bench
