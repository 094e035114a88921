#include "models/bayes/convergence.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace tusk {

double potential_scale_reduction(const std::vector<std::vector<double>>& chains) {
  const std::size_t half = chains.front().size() / 2;
  if (half < 2) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> mean;
  double within = 0;
  for (const std::vector<double>& chain : chains) {
    for (const std::size_t first : {std::size_t{0}, chain.size() - half}) {
      const auto part = std::span(chain).subspan(first, half);
      mean.push_back(std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(half));
      for (const double one : part) within += std::pow(one - mean.back(), 2);
    }
  }
  const auto parts = static_cast<double>(mean.size());
  within /= parts * static_cast<double>(half - 1);
  const double middle = std::accumulate(mean.begin(), mean.end(), 0.0) / parts;
  double between = 0;
  for (const double one : mean) between += std::pow(one - middle, 2) / (parts - 1);
  const auto length = static_cast<double>(half);
  return std::sqrt((length - 1) / length + between / within);
}

}  // namespace tusk
