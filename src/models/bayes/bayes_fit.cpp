#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "model/transposed.hpp"
#include "models/bayes/bayes.hpp"
#include "models/bayes/bayes_draws.hpp"
#include "models/bayes/bayes_state.hpp"
#include "models/metadata_options.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

// The ratings of a part less their mean, over their spread, with one empty row and column more:
// somebody and something without ratings.
SparseMatrixOf standardized(const FitContext& context, const LabelSet& part, float mean,
                            float spread) {
  SparseMatrixOf ratings;
  const CsrView all = context.data.ratings();
  ratings.columns = all.columns + 1;
  for (Index row = 0; row < all.rows(); ++row) {
    const auto end = static_cast<std::size_t>(all.offset[static_cast<std::size_t>(row) + 1]);
    for (auto at = static_cast<std::size_t>(all.offset[static_cast<std::size_t>(row)]); at < end;
         ++at) {
      if (!part.test(context.label[at])) continue;
      ratings.column.push_back(all.column[at]);
      ratings.value.push_back((all.value[at] - mean) / spread);
    }
    ratings.offset.push_back(std::ssize(ratings.column));
  }
  ratings.offset.push_back(std::ssize(ratings.column));
  return ratings;
}

// The time of each rating of a part.
std::vector<std::int64_t> times_of_part(const FitContext& context, const LabelSet& part) {
  std::vector<std::int64_t> times;
  for (std::size_t at = 0; at < context.data.timestamp.size(); ++at) {
    if (part.test(context.label[at])) times.push_back(context.data.timestamp[at]);
  }
  if (std::ranges::all_of(times, [](std::int64_t time) { return time == kNoTime; })) {
    throw InputError({context.data.source.string(), 0, 0}, "no timestamps of training ratings",
                     fmt::format("timestamps, for {}", option_name("time")));
  }
  return times;
}

// A row of ones for what each row has, at length 1.
SparseMatrixOf links_of(const CsrView& ratings) {
  SparseMatrixOf links;
  links.columns = ratings.columns;
  links.offset.assign(ratings.offset.begin(), ratings.offset.end());
  links.column.assign(ratings.column.begin(), ratings.column.end());
  for (Index row = 0; row < ratings.rows(); ++row) {
    const std::size_t count = ratings.row(row).size();
    links.value.insert(links.value.end(), count,
                       1 / std::sqrt(static_cast<float>(std::max<std::size_t>(1, count))));
  }
  return links;
}

std::vector<char> rows_with_ratings(const CsrView& ratings) {
  std::vector<char> known;
  for (Index row = 0; row < ratings.rows(); ++row)
    known.push_back(ratings.row(row).empty() ? 0 : 1);
  return known;
}

// How much wider the distribution of a number is over all chains than within them, about 1 once
// they have forgotten their starts: the split R-hat of Gelman et al.: "Bayesian Data Analysis",
// 3rd edition, section 11.4. NaN for chains of fewer than 4 numbers.
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

// Whether draw k of `all` is one of `kept` that are evenly spread and end with the last.
bool is_kept(std::int64_t k, std::int64_t all, std::int64_t kept) {
  return (k + 1) * kept / all > k * kept / all;
}

// The chains of one model.
class Sampling {
 public:
  Sampling(const FitContext& context, const TrainOptions& options, const LabelSet& part,
           std::size_t model)
      : context_(context),
        options_(options.as<BayesOptions>()),
        seed_(options.seed),
        model_(model),
        mean_(mean_rating(context.data, context.label, part)),
        spread_(rating_spread(context.data, context.label, part)),
        ratings_(standardized(context, part, mean_, spread_)),
        columns_(ratings_.view()),
        traces_(static_cast<std::size_t>(options_.chains)) {
    const bool both = options_.link == RatingLinks::both;
    if (both || options_.link == RatingLinks::users) user_links_ = links_of(ratings_.view());
    if (both || options_.link == RatingLinks::items) item_links_ = links_of(columns_.view());
    if (options_.time) {
      groups_ = TimeGroups(ratings_.view(), times_of_part(context, part));
      draws_.user_times.periods = groups_.days;
      draws_.item_times.periods = groups_.periods;
    }
    draws_.users = context.data.users.size();
    draws_.items = context.data.items.size();
    draws_.width = options_.factors + 1;
    draws_.mean = mean_;
    draws_.spread = spread_;
    available_ = static_cast<std::int64_t>(options_.chains) * (options_.sweeps - options_.burn_in);
    draws_.count = static_cast<int>(
        std::min<std::int64_t>(available_, options_.draws > 0 ? options_.draws : kDrawsOfMean));
    draws_.resize();
  }

  // Until all sweeps are done, or stopped.
  void run() {
    BayesProblem problem;
    problem.ratings = ratings_.view();
    if (user_links_.columns > 0) problem.user_features = user_links_.view();
    if (item_links_.columns > 0) problem.item_features = item_links_.view();
    if (options_.time) {
      problem.user_groups = {groups_.days.offset(), groups_.user_group};
      problem.item_groups = {groups_.periods.offset(), groups_.item_group};
    }
    problem.params = {options_.factors, seed_, options_.chains};
    const auto session = context_.backend.open_bayes(problem);
    while (sweeps_ < options_.sweeps && run_sweep(*session)) {
    }
    if (sweeps_ == options_.sweeps || sweeps_ == 0) return;
    // Interrupted: with the draws that there are, or the only one.
    if (kept_ == 0) put(*session, 0);
    draws_.keep_first(kept_);
  }

  int sweeps() const { return sweeps_; }
  int draws() const { return draws_.count; }
  bool interrupted() const { return sweeps_ < options_.sweeps; }
  double convergence() const { return potential_scale_reduction(traces_); }

  BayesDraws take() {
    draws_.centre(rows_with_ratings(ratings_.view()), rows_with_ratings(columns_.view()));
    return std::move(draws_);
  }

 private:
  // What a mean of factors is computed from where no draws are kept.
  static constexpr int kDrawsOfMean = 64;

  // False if it was stopped.
  bool run_sweep(BayesSession& session) {
    if (context_.observer.stops()) return false;
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    std::vector<BayesSweep> chains;
    try {
      chains = session.run_sweep();
    } catch (const Interrupted&) {
      return false;
    }
    ++sweeps_;
    double error = 0;
    for (int chain = 0; chain < options_.chains; ++chain) {
      const BayesSweep& own = chains[static_cast<std::size_t>(chain)];
      if (!std::isfinite(own.squared_error) || !std::isfinite(own.alpha)) {
        throw DivergedError(sweeps_, "factors", static_cast<float>(options_.factors));
      }
      error += own.squared_error / options_.chains;
      if (sweeps_ > options_.burn_in) keep(session, chain, own);
    }
    EpochReport report;
    report.model = model_;
    report.epoch = sweeps_;
    report.epochs = options_.sweeps;
    const auto ratings = static_cast<double>(ratings_.column.size());
    report.train_rmse = static_cast<double>(spread_) * std::sqrt(error / ratings);
    report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    report.ratings_per_second = ratings * options_.chains / report.seconds;
    context_.observer.report(std::span(&report, 1));
    return true;
  }

  void keep(const BayesSession& session, int chain, const BayesSweep& sweep) {
    traces_[static_cast<std::size_t>(chain)].push_back(sweep.alpha);
    if (is_kept(seen_++, available_, draws_.count)) {
      put(session, chain);
    }
  }

  void put(const BayesSession& session, int chain) {
    const bool with_prior = !context_.measured_only;
    draws_.put(kept_++, session.draw(chain, with_prior), with_prior);
  }

  const FitContext& context_;
  const BayesOptions& options_;
  std::uint64_t seed_;
  std::size_t model_;
  float mean_;
  float spread_;
  SparseMatrixOf ratings_;
  Transposed columns_;
  SparseMatrixOf user_links_;
  SparseMatrixOf item_links_;
  TimeGroups groups_;
  BayesDraws draws_;
  std::int64_t available_ = 0;
  std::int64_t seen_ = 0;  // draws after burn-in
  int kept_ = 0;
  int sweeps_ = 0;
  std::vector<std::vector<double>> traces_;  // of alpha, by chain
};

}  // namespace

FitResult fit_bayes(const FitContext& context, const TrainOptions& options, const LabelSet& part,
                    std::size_t model) {
  Sampling sampling(context, options, part, model);
  FitResult result;
  result.ratings = count_ratings(context.label, part);
  sampling.run();
  result.epochs = sampling.sweeps();
  result.interrupted = sampling.interrupted();
  if (result.epochs == 0) throw Interrupted();
  add_metadata(options, result.metadata);
  result.metadata["seed"] = fmt::format("{}", options.seed);
  if (const double convergence = sampling.convergence(); std::isfinite(convergence)) {
    result.metadata["r_hat_alpha"] = fmt::format("{:.4f}", convergence);
  }
  if (result.interrupted) result.metadata["interrupted"] = "true";
  result.metadata["kept_draws"] = fmt::format("{}", sampling.draws());
  if (const auto bits = context.backend.bits(); !bits.empty())
    result.metadata["cpu_kernels"] = bits;
  BayesDraws draws = sampling.take();
  MfState base = mean_state(context.backend, draws);
  std::vector<float> ratings;
  if (!context.measured_only) ratings = ratings_of_part(context.data, context.label, part);
  if (options.as<BayesOptions>().draws == 0) draws = {};
  result.state =
      std::make_shared<BayesState>(std::move(base), std::move(draws), std::move(ratings));
  return result;
}

}  // namespace tusk
