#include "models/bayes/bayes_draws.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <Eigen/Cholesky>

namespace tusk {
namespace {

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// Draw `place` of what each row of `to` holds.
void put_all(const std::vector<float>& from, std::size_t count, std::size_t place,
             std::vector<float>& to) {
  for (std::size_t at = 0; at < from.size(); ++at) to[at * count + place] = from[at];
}

void put_biases(const GroupBiases& from, std::size_t count, std::size_t place, TimeBiases& to) {
  if (to.empty()) return;
  put_all(from.bias, count, place, to.bias);
  put_all({static_cast<float>(from.precision)}, count, place, to.precision);
}

void centre_rows(const BayesDraws& draws, std::span<const char> known,
                 const std::vector<float>& mean, std::vector<float>& rows) {
  const auto count = static_cast<std::size_t>(draws.count);
  for (std::size_t row = 0; row < rows.size() / draws.row_size(); ++row) {
    if (row < known.size() && known[row] != 0) continue;
    for (std::size_t f = 0; f < static_cast<std::size_t>(draws.width); ++f) {
      float* const own = rows.data() + row * draws.row_size() + f * count;
      double sum = 0;
      for (std::size_t s = 0; s < count; ++s) {
        sum += static_cast<double>(mean[f * count + s]) - static_cast<double>(own[s]);
      }
      const auto by = static_cast<float>(sum / static_cast<double>(count));
      for (std::size_t s = 0; s < count; ++s) own[s] += by;
    }
  }
}

// Draw s of the factors of all rows but the last, which nobody has.
Rows factors_of(const BayesDraws& draws, const std::vector<float>& rows, int s) {
  const auto count = static_cast<std::size_t>(draws.count);
  const auto size = static_cast<Eigen::Index>(rows.size() / draws.row_size()) - 1;
  Rows factors(size, draws.width - 1);
  for (Eigen::Index row = 0; row < size; ++row) {
    const float* const own = rows.data() + static_cast<std::size_t>(row) * draws.row_size();
    for (Eigen::Index f = 0; f + 1 < draws.width; ++f) {
      factors(row, f) = own[static_cast<std::size_t>(f) * count + static_cast<std::size_t>(s)];
    }
  }
  return factors;
}

// The mean over the draws of left right' times `basis`, by the inverse of basis' basis.
Rows projected(Backend& backend, const BayesDraws& draws, const std::vector<float>& left,
               const std::vector<float>& right, const Rows& basis) {
  const Eigen::Index factors = draws.width - 1;
  std::vector<Rows> inner(static_cast<std::size_t>(draws.count));
  backend.parallel_for(draws.count, [&](std::int64_t s) {
    inner[static_cast<std::size_t>(s)] =
        factors_of(draws, right, static_cast<int>(s)).transpose() * basis;
  });
  const auto count = static_cast<std::size_t>(draws.count);
  const auto size = static_cast<Eigen::Index>(left.size() / draws.row_size()) - 1;
  Rows sum = Rows::Zero(size, factors);
  constexpr Eigen::Index kRowsPerTask = 256;
  backend.parallel_for((size + kRowsPerTask - 1) / kRowsPerTask, [&](std::int64_t task) {
    const Eigen::Index first = task * kRowsPerTask;
    const Eigen::Index rows = std::min(kRowsPerTask, size - first);
    Rows own(rows, factors);
    for (std::size_t s = 0; s < count; ++s) {
      for (Eigen::Index row = 0; row < rows; ++row) {
        const float* const from =
            left.data() + static_cast<std::size_t>(first + row) * draws.row_size();
        for (Eigen::Index f = 0; f < factors; ++f) {
          own(row, f) = from[static_cast<std::size_t>(f) * count + s];
        }
      }
      sum.middleRows(first, rows).noalias() += own * inner[s];
    }
  });
  Eigen::MatrixXd gram = (basis.transpose() * basis).cast<double>();
  gram.diagonal().array() += 1e-9 * gram.trace() + 1e-30;
  const Eigen::MatrixXd inverse =
      gram.llt().solve(Eigen::MatrixXd::Identity(factors, factors)) / draws.count;
  return sum * inverse.cast<float>();
}

std::vector<float> mean_biases(const BayesDraws& draws, const std::vector<float>& rows) {
  std::vector<float> biases;
  for (std::size_t row = 0; row + 1 < rows.size() / draws.row_size(); ++row) {
    biases.push_back(draws.spread * mean_bias(draws, rows.data() + row * draws.row_size()));
  }
  return biases;
}

}  // namespace

float mean_bias(const BayesDraws& draws, const float* row) {
  const float* const bias = row + static_cast<std::ptrdiff_t>(draws.width - 1) * draws.count;
  double sum = 0;
  for (int s = 0; s < draws.count; ++s) sum += static_cast<double>(bias[s]);
  return static_cast<float>(sum / draws.count);
}

std::uint64_t BayesDraws::bytes(bool with_prior, bool with_links) const {
  std::uint64_t rows = static_cast<std::uint64_t>(users) + static_cast<std::uint64_t>(items) + 2;
  if (with_prior) rows += static_cast<std::uint64_t>(width);
  if (with_prior && with_links) rows += static_cast<std::uint64_t>(items) + 1;
  const std::uint64_t periods =
      user_times.periods.period().size() + item_times.periods.period().size();
  return (rows * row_size() + periods * static_cast<std::uint64_t>(count)) * sizeof(float);
}

void BayesDraws::resize(bool with_prior, Index links) {
  const std::size_t all = row_size();
  user.resize((static_cast<std::size_t>(users) + 1) * all);
  item.resize((static_cast<std::size_t>(items) + 1) * all);
  alpha.resize(static_cast<std::size_t>(count));
  user_mean.resize(all);
  item_mean.resize(all);
  prior_precision.resize(with_prior ? static_cast<std::size_t>(width) * all : 0);
  prior_links.resize(with_prior ? static_cast<std::size_t>(links) * all : 0);
  for (TimeBiases* times : {&user_times, &item_times}) {
    if (times->empty()) continue;
    times->bias.resize(times->periods.period().size() * static_cast<std::size_t>(count));
    times->precision.resize(static_cast<std::size_t>(count));
  }
}

void BayesDraws::put(int place, const BayesDraw& draw, bool with_prior) {
  const auto s = static_cast<std::size_t>(place);
  const auto all = static_cast<std::size_t>(count);
  put_all(draw.user, all, s, user);
  put_all(draw.item, all, s, item);
  put_all(draw.user_prior.mean, all, s, user_mean);
  put_all(draw.item_prior.mean, all, s, item_mean);
  alpha[s] = static_cast<float>(draw.alpha);
  put_biases(draw.user_groups, all, s, user_times);
  put_biases(draw.item_groups, all, s, item_times);
  if (!with_prior) return;
  put_all(draw.user_prior.precision, all, s, prior_precision);
  put_all(draw.user_links, all, s, prior_links);
}

void BayesDraws::keep_first(int kept) {
  const auto from = static_cast<std::size_t>(count);
  const auto to = static_cast<std::size_t>(kept);
  each([&](const char*, std::vector<float>& values) {
    const std::size_t numbers = values.size() / from;
    for (std::size_t n = 0; n < numbers; ++n) {
      std::copy_n(values.data() + n * from, to, values.data() + n * to);
    }
    values.resize(numbers * to);
  });
  count = kept;
}

void BayesDraws::centre(std::span<const char> user_known, std::span<const char> item_known) {
  centre_rows(*this, user_known, user_mean, user);
  centre_rows(*this, item_known, item_mean, item);
}

namespace {

// What moments() sums up. Draw k is added to lane k modulo kLanes, so that whole blocks of draws
// are added as vectors.
class DrawSums {
 public:
  static constexpr int kLanes = 16;

  DrawSums(const BayesDraws& draws, RatingScale scale) : draws_(draws), scale_(scale) {}

  // Draws first .. first + block - 1; `block` may be a constant.
  template <class Block>
  [[gnu::always_inline]] void add(const BayesPair& pair, int first, Block block) {
    const float* const user = pair.user;
    const float* const item = pair.item;
    const int factors = draws_.width - 1;
    const std::ptrdiff_t biases = static_cast<std::ptrdiff_t>(factors) * draws_.count;
    float value[kLanes];
    for (int s = 0; s < block; ++s) value[s] = user[biases + first + s] + item[biases + first + s];
    for (int f = 0; f < factors; ++f) {
      const float* const left = user + static_cast<std::ptrdiff_t>(f) * draws_.count + first;
      const float* const right = item + static_cast<std::ptrdiff_t>(f) * draws_.count + first;
      for (int s = 0; s < block; ++s) value[s] += left[s] * right[s];
    }
    for (const float* const bias : {pair.user_time, pair.item_time}) {
      if (bias == nullptr) continue;
      for (int s = 0; s < block; ++s) value[s] += bias[first + s];
    }
    for (int s = 0; s < block; ++s) {
      const float own = draws_.spread * value[s];
      sum_[s] += own;
      squares_[s] += own * own;
      clipped_[s] += scale_.clip(draws_.mean + own);
    }
  }

  double sum() const { return total(sum_); }
  double squares() const { return total(squares_); }
  double clipped() const { return total(clipped_); }

 private:
  static double total(const float (&lane)[kLanes]) {
    double all = 0;
    for (const float one : lane) all += static_cast<double>(one);
    return all;
  }

  const BayesDraws& draws_;
  RatingScale scale_;
  float sum_[kLanes] = {};
  float squares_[kLanes] = {};
  float clipped_[kLanes] = {};
};

}  // namespace

BayesMoments moments(const BayesDraws& draws, const BayesPair& pair, RatingScale scale,
                     float noise) {
  DrawSums sums(draws, scale);
  constexpr int kBlock = DrawSums::kLanes;
  int first = 0;
  for (; first + kBlock <= draws.count; first += kBlock) {
    sums.add(pair, first, std::integral_constant<int, kBlock>());
  }
  if (first < draws.count) sums.add(pair, first, draws.count - first);
  const double mean = sums.sum() / draws.count;
  const double variance =
      draws.count > 1 ? std::max(0.0, (sums.squares() - mean * sums.sum()) / (draws.count - 1)) : 0;
  return {draws.mean + static_cast<float>(mean), static_cast<float>(sums.clipped() / draws.count),
          static_cast<float>(std::sqrt(variance + static_cast<double>(noise)))};
}

float noise_variance(const BayesDraws& draws) {
  double sum = 0;
  for (const float one : draws.alpha) sum += 1 / static_cast<double>(one);
  const auto spread = static_cast<double>(draws.spread);
  return static_cast<float>(spread * spread * sum / draws.count);
}

// By power iteration from the last draw of the items.
MfState mean_state(Backend& backend, const BayesDraws& draws) {
  MfState state;
  state.users = draws.users;
  state.items = draws.items;
  state.factors = draws.width - 1;
  state.mean = draws.mean;
  state.user_bias = mean_biases(draws, draws.user);
  state.item_bias = mean_biases(draws, draws.item);
  Rows items = factors_of(draws, draws.item, draws.count - 1);
  Rows users;
  const int steps = draws.count > 1 ? 3 : 1;
  for (int step = 0; step < steps; ++step) {
    users = projected(backend, draws, draws.user, draws.item, items);
    if (step + 1 < steps) items = projected(backend, draws, draws.item, draws.user, users);
  }
  users *= draws.spread;
  state.user_factors.assign(users.data(), users.data() + users.size());
  state.item_factors.assign(items.data(), items.data() + items.size());
  return state;
}

}  // namespace tusk
