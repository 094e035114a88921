#include "models/knn/knn_fold_in.hpp"

#include <algorithm>
#include <utility>

#include "model/measure.hpp"
#include "model/similarity.hpp"
#include "models/knn/neighbour_session.hpp"
#include "models/priors.hpp"

namespace tusk {
namespace {

std::size_t place_of(Index index) { return static_cast<std::size_t>(index); }

// The sums of a session of the CPU, of one row at a time.
template <class Sums>
std::vector<double> measure(const KnnFoldIn& shared, std::span<const Index> column,
                            std::span<const double> value) {
  const CsrView& columns = shared.problem.columns;
  std::vector<Sums> sums(shared.squares.size());
  const double held = 1;
  double own = 0;
  for (std::size_t c = 0; c < column.size(); ++c) {
    own += value[c] * value[c];
    const auto end = static_cast<std::size_t>(columns.offset[place_of(column[c]) + 1]);
    for (auto e = static_cast<std::size_t>(columns.offset[place_of(column[c])]); e < end; ++e) {
      sums[place_of(columns.column[e])].add(&value[c], &held,
                                            static_cast<double>(columns.value[e]));
    }
  }
  own = asymmetric_squares(own, shared.exponent());
  std::vector<double> similarity(sums.size());
  for (std::size_t row = 0; row < sums.size(); ++row) {
    similarity[row] = sums[row].similarity(0, own, shared.squares[row], shared.params().similarity);
  }
  return similarity;
}

}  // namespace

KnnFoldIn::KnnFoldIn(Backend& device, const Model& of, const KnnModelState& learned,
                     const KnnRatings& trained, const SumRows& rows)
    : backend(device),
      model(of),
      state(learned),
      ratings(trained),
      sums(rows),
      measured(trained.measured()),
      problem(trained.problem(measured, {})),
      squares(place_of(problem.rows.rows()), 0),
      order(neighbour_order(problem, learned.rows())),
      number(order.size()),
      bias(learned.base(), priors_of(of)->user, Side::user) {
  problem.rows.each([&](Index row, std::size_t entry) {
    const double value = problem.rows.value[entry];
    squares[place_of(row)] += value * value;
  });
  for (double& one : squares) one = asymmetric_squares(one, 1 - exponent());
  for (std::size_t place = 0; place < order.size(); ++place) {
    number[place_of(order[place])] = static_cast<Index>(place);
  }
  if (by_user()) sort_raters();
}

void KnnFoldIn::sort_raters() {
  const CsrView rows = ratings.rows();
  std::vector<std::int64_t> next(problem.columns.offset.begin(), problem.columns.offset.end());
  rater.resize(rows.column.size());
  deviation.resize(rows.column.size());
  for (const Index user : order) {
    const auto end = static_cast<std::size_t>(rows.offset[place_of(user) + 1]);
    for (auto e = static_cast<std::size_t>(rows.offset[place_of(user)]); e < end; ++e) {
      const Index item = rows.column[e];
      const auto place = static_cast<std::size_t>(next[place_of(item)]++);
      rater[place] = number[place_of(user)];
      deviation[place] = ratings.deviation(user, item, rows.value[e]);
    }
  }
}

std::vector<double> KnnFoldIn::similarities(std::span<const Index> column,
                                            std::span<const double> value) const {
  switch (measure_of(params().similarity)) {
    case Measure::whole_cosine:
      return measure<WholeCosine<1>>(*this, column, value);
    case Measure::counted_cosine:
      return measure<CountedCosine<1>>(*this, column, value);
    case Measure::corated_cosine:
      return measure<CoratedCosine<1>>(*this, column, value);
    case Measure::pearson:
      return measure<Pearson<1>>(*this, column, value);
    case Measure::baseline_pearson:
      return measure<BaselinePearson<1>>(*this, column, value);
    case Measure::mean_squared_difference:
      return measure<MeanSquaredDifference<1>>(*this, column, value);
  }
  return {};
}

std::shared_ptr<const std::vector<double>> KnnFoldIn::similarities(Index row) const {
  constexpr std::size_t kMostBytes = std::size_t{256} << 20;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(row); found != kept_.end()) return found->second;
  }
  const auto columns = problem.rows.row(row);
  const auto first = static_cast<std::size_t>(problem.rows.offset[place_of(row)]);
  std::vector<double> value;
  for (std::size_t c = 0; c < columns.size(); ++c) value.push_back(problem.rows.value[first + c]);
  auto found = std::make_shared<const std::vector<double>>(similarities(columns, value));
  const std::lock_guard lock(mutex_);
  if ((kept_.size() + 1) * found->size() * sizeof(double) > kMostBytes) kept_.clear();
  kept_[row] = found;
  return found;
}

}  // namespace tusk
