#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "model/transposed.hpp"
#include "models/bayes/bayes.hpp"
#include "models/bayes/bayes_checkpoint.hpp"
#include "models/bayes/bayes_draws.hpp"
#include "models/bayes/bayes_ratings.hpp"
#include "models/bayes/bayes_state.hpp"
#include "models/bayes/convergence.hpp"
#include "models/bayes/running_error.hpp"
#include "models/metadata_options.hpp"
#include "train/checkpoint.hpp"
#include "train/inner_holdout.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

// Whether draw k of `all` is one of `kept` that are evenly spread and end with the last.
bool is_kept(std::int64_t k, std::int64_t all, std::int64_t kept) {
  return (k + 1) * kept / all > k * kept / all;
}

// What a sampling is for.
struct SamplingTask {
  Phase phase = Phase::fit;
  LabelSet train;
  LabelSet watched;    // in Phase::select the inner hold-out
  int sweeps = 0;      // at most
  int early_stop = 0;  // 0: never
};

// The chains of one model.
class Sampling {
 public:
  Sampling(const FitContext& context, const TrainOptions& options, const SamplingTask& task,
           std::size_t model)
      : context_(context),
        options_(options.as<BayesOptions>()),
        seed_(options.seed),
        task_(task),
        model_(model),
        mean_(mean_rating(context.data, context.label, task.train)),
        spread_(rating_spread(context.data, context.label, task.train)),
        ratings_(standardized(context, task.train, mean_, spread_)),
        columns_(ratings_.view()),
        error_(context.backend, context.data, context.label, task.watched, mean_, spread_),
        alphas_(static_cast<std::size_t>(options_.chains)),
        errors_(static_cast<std::size_t>(options_.chains)) {
    const bool both = options_.link == RatingLinks::both;
    if (both || options_.link == RatingLinks::users) user_links_ = links_of(ratings_.view());
    if (both || options_.link == RatingLinks::items) item_links_ = links_of(columns_.view());
    if (options_.time) {
      groups_ = TimeGroups(ratings_.view(), times_of_part(context, task.train));
      draws_.user_times.periods = groups_.days;
      draws_.item_times.periods = groups_.periods;
      error_.use_times(groups_);
    }
    draws_.users = context.data.users.size();
    draws_.items = context.data.items.size();
    draws_.width = options_.factors + 1;
    draws_.mean = mean_;
    draws_.spread = spread_;
    available_ = static_cast<std::int64_t>(options_.chains) * (task.sweeps - options_.burn_in);
    draws_.count = static_cast<int>(
        std::min<std::int64_t>(available_, options_.draws > 0 ? options_.draws : kDrawsOfMean));
  }

  MfMemory plan() const {
    MfMemory memory = context_.backend.plan_bayes(problem());
    // Draws are kept in the host's memory, of which the plan of a GPU says nothing.
    if (context_.backend.bits().empty()) return memory;
    memory.parameters += draws_.bytes(!context_.measured_only, user_links_.columns > 0);
    return memory;
  }

  // Until all sweeps are done, or stopped. From a checkpoint and with some, if there is one.
  void run(const Checkpoint* checkpoint) {
    draws_.resize(!context_.measured_only, user_links_.columns);
    const BayesProblem problem = this->problem();
    const auto session = context_.backend.open_bayes(problem);
    if (checkpoint != nullptr) {
      if (const auto state = checkpoint->read()) restore(*state, *session);
    }
    while (!is_done()) {
      if (context_.observer.stops()) break;
      if (!run_sweep(*session)) break;
      if (checkpoint != nullptr && (is_done() || checkpoint->is_due(sweeps_))) {
        checkpoint->write(state(*session));
      }
    }
    if (sweeps_ == 0 || sweeps_ == task_.sweeps) return;
    // Interrupted, or settled: with the draws that there are, or the only one.
    if (kept_ == 0) {
      if (!has_prior_) throw Interrupted();  // the checkpoint has all that there is
      const bool with_prior = !context_.measured_only;
      draws_.put(kept_++, session->draw({{0}}, with_prior).front(), with_prior);
    }
    draws_.keep_first(kept_);
  }

  int sweeps() const { return sweeps_; }
  int draws() const { return draws_.count; }
  bool interrupted() const { return !is_done(); }
  bool settled() const { return settled_; }
  double watched_rmse() const { return error_.rmse(); }

  // See FitSummary.
  std::map<std::string, double> r_hat() const {
    std::map<std::string, double> found;
    if (const double of = potential_scale_reduction(alphas_); std::isfinite(of))
      found["alpha"] = of;
    if (const double of = potential_scale_reduction(errors_); std::isfinite(of))
      found["error"] = of;
    return found;
  }

  BayesDraws take() {
    draws_.centre(rows_with_ratings(ratings_.view()), rows_with_ratings(columns_.view()));
    return std::move(draws_);
  }

 private:
  // What a mean of factors is computed from where no draws are kept.
  static constexpr int kDrawsOfMean = 64;

  bool is_done() const { return settled_ || sweeps_ == task_.sweeps; }

  BayesProblem problem() const {
    BayesProblem problem;
    problem.ratings = ratings_.view();
    if (user_links_.columns > 0) problem.user_features = user_links_.view();
    if (item_links_.columns > 0) problem.item_features = item_links_.view();
    if (options_.time) {
      problem.user_groups = {groups_.days.offset(), groups_.user_group};
      problem.item_groups = {groups_.periods.offset(), groups_.item_group};
    }
    problem.params = {options_.factors, seed_, options_.chains};
    return problem;
  }

  // False if it was stopped.
  bool run_sweep(BayesSession& session) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    std::vector<BayesSweep> chains;
    try {
      chains = session.run_sweep();
    } catch (const Interrupted&) {
      return false;
    }
    ++sweeps_;
    has_prior_ = true;
    double error = 0;
    for (const BayesSweep& own : chains) {
      if (!std::isfinite(own.squared_error) || !std::isfinite(own.alpha)) {
        throw DivergedError(sweeps_, "factors", static_cast<float>(options_.factors));
      }
      error += own.squared_error / options_.chains;
    }
    if (sweeps_ > options_.burn_in) sample(session, chains);
    EpochReport report;
    report.model = model_;
    report.phase = task_.phase;
    report.step = "sweep";
    report.epoch = sweeps_;
    report.epochs = task_.sweeps;
    const auto ratings = static_cast<double>(ratings_.column.size());
    report.train_rmse = static_cast<double>(spread_) * std::sqrt(error / ratings);
    if (error_.draws() > 0 && !error_.empty()) {
      const double watched = error_.rmse();
      (task_.phase == Phase::select ? report.validation_rmse : report.watched_rmse) = watched;
      settle(watched);
    }
    report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    report.ratings_per_second = ratings * options_.chains / report.seconds;
    context_.observer.report(std::span(&report, 1));
    return true;
  }

  // Takes the draws of a sweep after burn-in, of those chains that need them.
  void sample(const BayesSession& session, std::span<const BayesSweep> sweeps) {
    std::vector<int> chains;
    std::vector<bool> kept;
    for (int chain = 0; chain < options_.chains; ++chain) {
      const auto c = static_cast<std::size_t>(chain);
      alphas_[c].push_back(sweeps[c].alpha);
      const bool keeps = is_kept(seen_++, available_, draws_.count);
      if (!keeps && error_.empty()) continue;
      chains.push_back(chain);
      kept.push_back(keeps);
    }
    if (chains.empty()) return;
    const bool with_prior = !context_.measured_only;
    const bool with_links = with_prior && std::find(kept.begin(), kept.end(), true) != kept.end();
    const std::vector<BayesDraw> draws = session.draw(chains, with_links);
    for (std::size_t k = 0; k < draws.size(); ++k) {
      if (!error_.empty()) {
        errors_[static_cast<std::size_t>(chains[k])].push_back(error_.add(draws[k]));
      }
      if (kept[k]) draws_.put(kept_++, draws[k], with_prior);
    }
  }

  // The error of a mean of n draws falls as 1 / n at last: it has settled when that is too little
  // to be worth waiting for.
  void settle(double error) {
    constexpr double kLittle = 1e-4;  // of the error
    course_.push_back(error);
    const auto window = static_cast<std::size_t>(task_.early_stop);
    if (window == 0 || course_.size() <= window) return;
    settled_ = course_[course_.size() - 1 - window] - error < kLittle * error;
  }

  TrainingState state(const BayesSession& session) const {
    TrainingState state;
    state.counts["progress"] = {sweeps_, kept_, seen_, error_.draws()};
    state.numbers["error_sums"] = error_.sums();
    draws_.each([&](const char* name, const auto& values) { state.numbers[name] = values; });
    for (std::size_t c = 0; c < alphas_.size(); ++c) {
      const std::string prefix = fmt::format("chain_{}.", c);
      state.put(prefix + "alphas", alphas_[c]);
      state.put(prefix + "errors", errors_[c]);
      put_chain(prefix, session.chain(static_cast<int>(c)), state);
    }
    return state;
  }

  void restore(const TrainingState& state, BayesSession& session) {
    const auto& progress = state.counts_of("progress", 4);
    sweeps_ = static_cast<int>(progress[0]);
    kept_ = static_cast<int>(progress[1]);
    seen_ = progress[2];
    const auto sampled = std::max(0, sweeps_ - options_.burn_in);
    if (sweeps_ < 1 || sweeps_ > task_.sweeps || seen_ != std::int64_t{sampled} * options_.chains ||
        kept_ != seen_ * draws_.count / available_) {
      throw FormatError("the checkpoint is of no such number of sweeps");
    }
    error_.restore(state.numbers_of("error_sums", error_.sums().size()), progress[3]);
    draws_.each(
        [&](const char* name, auto& values) { values = state.numbers_of(name, values.size()); });
    std::vector<BayesChain> chains(alphas_.size());
    for (std::size_t c = 0; c < chains.size(); ++c) {
      const std::string prefix = fmt::format("chain_{}.", c);
      alphas_[c] = state.doubles(prefix + "alphas");
      errors_[c] = state.doubles(prefix + "errors");
      if (std::ssize(alphas_[c]) != sampled ||
          std::ssize(errors_[c]) != (error_.empty() ? 0 : sampled)) {
        throw FormatError("the checkpoint is of other sweeps");
      }
      chains[c] = chain_of(prefix, sizes_of(draws_.users, user_links_, groups_.days),
                           sizes_of(draws_.items, item_links_, groups_.periods), state);
    }
    session.restore(static_cast<std::uint64_t>(sweeps_), chains);
  }

  BayesSideSizes sizes_of(Index ids, const SparseMatrixOf& links,
                          const RatedPeriods& periods) const {
    const auto width = static_cast<std::size_t>(draws_.width);
    return {width, (static_cast<std::size_t>(ids) + 1) * width, links.columns > 0, !periods.empty(),
            periods.period().size()};
  }

  const FitContext& context_;
  const BayesOptions& options_;
  std::uint64_t seed_;
  SamplingTask task_;
  std::size_t model_;
  float mean_;
  float spread_;
  SparseMatrixOf ratings_;
  Transposed columns_;
  SparseMatrixOf user_links_;
  SparseMatrixOf item_links_;
  TimeGroups groups_;
  BayesDraws draws_;
  RunningError error_;
  std::int64_t available_ = 0;
  std::int64_t seen_ = 0;  // draws after burn-in
  int kept_ = 0;
  int sweeps_ = 0;
  bool settled_ = false;
  bool has_prior_ = false;  // drawn by a sweep of this session
  // By chain, of the sweeps after burn-in.
  std::vector<std::vector<double>> alphas_;
  std::vector<std::vector<double>> errors_;  // of each draw alone, on the watched ratings
  std::vector<double> course_;               // of the error of the mean
};

// The sweeps after which the error on an inner hold-out has settled.
struct ChosenSweeps {
  int sweeps = 0;
  bool settled = false;
  double validation_rmse = 0;
};

ChosenSweeps choose_sweeps(const FitContext& context, const TrainOptions& options,
                           const LabelSet& part, std::size_t model) {
  const auto& own = options.as<BayesOptions>();
  const auto labels = with_holdout(context.label, own.holdout, options.seed);
  const TrainingPart divided = divide_all(context.data, labels, {&part, 1}).front();
  FitContext held_out{context.backend, context.data, labels, context.observer};
  held_out.measured_only = true;
  Sampling sampling(held_out, options,
                    {Phase::select, divided.train, divided.holdout, own.sweeps, own.early_stop},
                    model);
  sampling.run(nullptr);
  if (sampling.interrupted()) throw Interrupted();
  return {sampling.sweeps(), sampling.settled(), sampling.watched_rmse()};
}

}  // namespace

MfMemory plan_bayes_fit(const FitContext& context, const TrainOptions& options,
                        const LabelSet& part) {
  const int sweeps = options.as<BayesOptions>().sweeps;
  return Sampling(context, options, {Phase::fit, part, {}, sweeps, 0}, 0).plan();
}

FitResult fit_bayes(const FitContext& context, const TrainOptions& options, const LabelSet& part,
                    std::size_t model) {
  const auto& own = options.as<BayesOptions>();
  FitResult result;
  SamplingTask task{Phase::fit, part, context.extras.watched, own.sweeps, 0};
  std::optional<Checkpoint> checkpoint;
  if (context.extras.checkpoint) {
    checkpoint.emplace(context, options, part);
    checkpoint->read();  // so that a wrong file is refused before anything is sampled
  }
  if (own.early_stop > 0) {
    const ChosenSweeps chosen = choose_sweeps(context, options, part, model);
    task.sweeps = chosen.sweeps;
    result.refitted = true;
    result.still_learning = !chosen.settled;
    result.validation_rmse = chosen.validation_rmse;
  }
  Sampling sampling(context, options, task, model);
  result.ratings = count_ratings(context.label, part);
  sampling.run(checkpoint ? &*checkpoint : nullptr);
  result.epochs = sampling.sweeps();
  result.interrupted = sampling.interrupted();
  if (result.epochs == 0) throw Interrupted();
  result.r_hat = sampling.r_hat();
  add_metadata(options, result.metadata);
  result.metadata["seed"] = fmt::format("{}", options.seed);
  for (const auto& [of, value] : result.r_hat) {
    result.metadata["r_hat_" + of] = fmt::format("{:.4f}", value);
  }
  if (own.early_stop > 0) result.metadata["chosen_sweeps"] = fmt::format("{}", task.sweeps);
  if (result.interrupted) result.metadata["interrupted"] = "true";
  result.metadata["kept_draws"] = fmt::format("{}", sampling.draws());
  if (const auto bits = context.backend.bits(); !bits.empty())
    result.metadata["cpu_kernels"] = bits;
  BayesDraws draws = sampling.take();
  MfState base = mean_state(context.backend, draws);
  std::vector<float> ratings;
  if (!context.measured_only) ratings = ratings_of_part(context.data, context.label, part);
  if (own.draws == 0) draws = {};
  result.state =
      std::make_shared<BayesState>(std::move(base), std::move(draws), std::move(ratings));
  return result;
}

}  // namespace tusk
