#include "cpu/cpu_mf_session.hpp"

#include <algorithm>
#include <numeric>

#include "backend/block_order.hpp"
#include "backend/stride_order.hpp"
#include "model/initial_factors.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

RunOrder run_order(std::span<const UserRun> runs, RandomSequence& random) {
  const auto [first, step] = draw_stride_order(static_cast<std::uint32_t>(runs.size()), random);
  return {runs.data(), runs.size(), first, step};
}

}  // namespace

MfMemory CpuMfSession::plan(const MfProblem& problem) {
  const auto rows = static_cast<std::uint64_t>(problem.ratings.rows()) +
                    static_cast<std::uint64_t>(problem.ratings.columns);
  const auto count = count_labels(problem.label);
  const LabelSet validated = validated_on(problem.fits);
  const auto size = [&](const LabelSet& part) {
    return static_cast<std::uint64_t>(count_part(count, part));
  };
  MfMemory memory;
  for (const MfFit& fit : problem.fits) {
    const auto vectors = static_cast<std::uint64_t>(chunk_count(fit.params.factors, kLanes));
    const std::uint64_t bytes = rows * (vectors * kLanes + 1) * sizeof(float);
    memory.parameters += fit.validate.any() ? 2 * bytes : bytes;
  }
  const std::uint64_t a_rating =
      sizeof(Index) + sizeof(float) + (same_part(problem.fits) ? 0 : sizeof(Label));
  const std::uint64_t ratings = size(trained_on(problem.fits));
  const std::uint64_t runs =
      std::min(ratings, static_cast<std::uint64_t>(problem.ratings.rows()) * kMostStripes);
  memory.ratings = ratings * a_rating + runs * sizeof(UserRun);
  memory.validation = size(validated) * (2 * sizeof(Index) + sizeof(float));
  return memory;
}

CpuMfSession::CpuMfSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                           const MfProblem& problem)
    : threads_(std::move(threads)),
      kernels_(kernels),
      scale_(problem.scale),
      blocks_(problem.ratings, problem.label, trained_on(problem.fits), !same_part(problem.fits),
              *threads_),
      validation_(gather_validation(problem, blocks_.user_row(), blocks_.item_row(), *threads_)),
      models_(problem.fits.size()),
      scratch_(static_cast<std::size_t>(threads_->threads())) {
  const auto count = count_labels(problem.label);
  for (std::size_t m = 0; m < models_.size(); ++m) {
    models_[m].fit = problem.fits[m];
    models_[m].train_count = count_part(count, models_[m].fit.train);
    initialise(models_[m]);
  }
}

SgdModel CpuMfSession::Model::parameters() {
  return {now.user_factors.data(), now.item_factors.data(),    now.user_bias.data(),
          now.item_bias.data(),    now.user_factors.vectors(), fit.mean};
}

void CpuMfSession::initialise(Model& model) {
  const MfParams& params = model.fit.params;
  const auto fill = [&](FactorRows& factors, const std::vector<Index>& rows, RandomUse use) {
    factors = FactorRows(static_cast<Index>(rows.size()), params.factors);
    constexpr std::int64_t kRowsPerTask = 256;
    threads_->parallel_for(
        chunk_count(std::ssize(rows), kRowsPerTask), [&](std::int64_t task, int) {
          const auto end = std::min<std::int64_t>(std::ssize(rows), (task + 1) * kRowsPerTask);
          for (std::int64_t r = task * kRowsPerTask; r < end; ++r) {
            float* const row = factors.row(rows[static_cast<std::size_t>(r)]);
            for (int f = 0; f < params.factors; f += 2) {
              float pair[2];
              initial_factor_pair(params.seed, use, static_cast<std::uint64_t>(r),
                                  static_cast<std::uint64_t>(f / 2), params.init_std, pair);
              row[f] = pair[0];
              if (f + 1 < params.factors) row[f + 1] = pair[1];
            }
          }
        });
  };
  fill(model.now.user_factors, blocks_.user_row(), RandomUse::initial_user_factors);
  fill(model.now.item_factors, blocks_.item_row(), RandomUse::initial_item_factors);
  model.now.user_bias.assign(blocks_.user_row().size(), 0);
  model.now.item_bias.assign(blocks_.item_row().size(), 0);
}

double CpuMfSession::train_block(Model& model, const SgdRates& rates, int user_stripe,
                                 int item_stripe, Scratch& scratch) const {
  const auto runs = blocks_.runs(user_stripe, item_stripe);
  if (runs.empty()) return 0;
  const auto block = static_cast<std::uint64_t>(user_stripe * blocks_.stripes() + item_stripe);
  RandomSequence random(model.fit.params.seed,
                        random_stream(RandomUse::run_order, (epoch_ << 16) + block));
  if (blocks_.label().empty()) {
    return kernels_.sgd(model.parameters(), rates, run_order(runs, random), blocks_.item().data(),
                        blocks_.rating().data());
  }
  // Only the ratings that this model trains on.
  scratch.runs.clear();
  scratch.item.clear();
  scratch.rating.clear();
  for (const UserRun& run : runs) {
    const auto first = static_cast<std::size_t>(run.first);
    const auto kept = scratch.item.size();
    for (std::size_t at = first; at < first + run.count; ++at) {
      if (!model.fit.train.test(blocks_.label()[at])) continue;
      scratch.item.push_back(blocks_.item()[at]);
      scratch.rating.push_back(blocks_.rating()[at]);
    }
    if (scratch.item.size() == kept) continue;
    scratch.runs.push_back({static_cast<std::int64_t>(kept), run.user,
                            static_cast<std::uint32_t>(scratch.item.size() - kept)});
  }
  if (scratch.runs.empty()) return 0;
  scratch.item.insert(scratch.item.end(), kLookahead, 0);
  return kernels_.sgd(model.parameters(), rates, run_order(scratch.runs, random),
                      scratch.item.data(), scratch.rating.data());
}

std::vector<SquaredError> CpuMfSession::run_epoch(std::span<const float> rate) {
  std::vector<SquaredError> errors(models_.size());
  std::vector<std::size_t> active;
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (!models_[m].retired) active.push_back(m);
  }
  const auto stripes = static_cast<std::size_t>(blocks_.stripes());

  // Block w of a round; no two of a round share a stripe.
  const auto train = [&](std::size_t m, const BlockOrder& order, int round, std::size_t w,
                         int thread) {
    return train_block(models_[m], sgd_rates(models_[m].fit.params, rate[m]), order.user_stripe[w],
                       order.item_stripe_of(static_cast<int>(w), round),
                       scratch_[static_cast<std::size_t>(thread)]);
  };
  const auto draw = [&](std::size_t m) {
    return draw_block_order(models_[m].fit.params.seed, epoch_, blocks_.stripes());
  };
  if (static_cast<int>(active.size()) >= threads_->threads()) {
    threads_->parallel_for(static_cast<std::int64_t>(active.size()),
                           [&](std::int64_t a, int thread) {
                             const std::size_t m = active[static_cast<std::size_t>(a)];
                             const BlockOrder order = draw(m);
                             double sum = 0;
                             for (const int round : order.round) {
                               double round_sum = 0;
                               for (std::size_t w = 0; w < stripes; ++w)
                                 round_sum += train(m, order, round, w, thread);
                               sum += round_sum;
                             }
                             errors[m].sum = sum;
                           });
  } else {
    std::vector<double> block_sum(stripes);
    for (const std::size_t m : active) {
      const BlockOrder order = draw(m);
      for (const int round : order.round) {
        threads_->parallel_for(static_cast<std::int64_t>(stripes), [&](std::int64_t w, int thread) {
          const auto block = static_cast<std::size_t>(w);
          block_sum[block] = train(m, order, round, block, thread);
        });
        errors[m].sum += std::accumulate(block_sum.begin(), block_sum.end(), 0.0);
      }
    }
  }
  for (const std::size_t m : active) errors[m].count = models_[m].train_count;
  ++epoch_;
  return errors;
}

std::vector<SquaredError> CpuMfSession::validate() {
  constexpr std::int64_t kRatingsPerTask = 8192;
  struct Task {
    std::size_t model = 0;
    std::size_t begin = 0;
    std::size_t count = 0;
  };
  std::vector<Task> tasks;
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (models_[m].retired) continue;
    for (std::size_t label = 0; label < kLabels; ++label) {
      if (!models_[m].fit.validate.test(label)) continue;
      const std::int64_t end = validation_.offset[label + 1];
      for (std::int64_t at = validation_.offset[label]; at < end; at += kRatingsPerTask) {
        tasks.push_back({m, static_cast<std::size_t>(at),
                         static_cast<std::size_t>(std::min(kRatingsPerTask, end - at))});
      }
    }
  }
  std::vector<double> sum(tasks.size());
  threads_->parallel_for(std::ssize(tasks), [&](std::int64_t t, int) {
    const auto& [m, begin, count] = tasks[static_cast<std::size_t>(t)];
    sum[static_cast<std::size_t>(t)] =
        kernels_.squared_error(models_[m].parameters(), scale_, &validation_.user[begin],
                               &validation_.item[begin], &validation_.rating[begin], count);
  });
  std::vector<SquaredError> errors(models_.size());
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    errors[tasks[t].model].sum += sum[t];
    errors[tasks[t].model].count += static_cast<std::int64_t>(tasks[t].count);
  }
  return errors;
}

void CpuMfSession::checkpoint(std::size_t model) { models_[model].checkpoint = models_[model].now; }

void CpuMfSession::retire(std::size_t model) { models_[model].retired = true; }

MfState CpuMfSession::state(std::size_t model) const {
  const Model& asked = models_[model];
  const Parameters& parameters = asked.checkpoint ? *asked.checkpoint : asked.now;
  // In the order of users and items again, without padding.
  const auto factors_of = [](const FactorRows& factors, const std::vector<Index>& rows) {
    std::vector<float> values;
    values.reserve(rows.size() * static_cast<std::size_t>(factors.factors()));
    for (const Index r : rows) {
      const float* const row = factors.row(r);
      values.insert(values.end(), row, row + factors.factors());
    }
    return values;
  };
  const auto biases_of = [](const std::vector<float>& biases, const std::vector<Index>& rows) {
    std::vector<float> values;
    values.reserve(rows.size());
    for (const Index r : rows) values.push_back(biases[static_cast<std::size_t>(r)]);
    return values;
  };
  MfState state;
  state.users = static_cast<Index>(parameters.user_bias.size());
  state.items = static_cast<Index>(parameters.item_bias.size());
  state.factors = asked.fit.params.factors;
  state.biased = asked.fit.params.biased;
  state.mean = asked.fit.mean;
  state.user_factors = factors_of(parameters.user_factors, blocks_.user_row());
  state.item_factors = factors_of(parameters.item_factors, blocks_.item_row());
  if (state.biased) {
    state.user_bias = biases_of(parameters.user_bias, blocks_.user_row());
    state.item_bias = biases_of(parameters.item_bias, blocks_.item_row());
  }
  return state;
}

}  // namespace tusk
