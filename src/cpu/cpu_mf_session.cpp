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
  const auto users = static_cast<std::uint64_t>(problem.ratings.rows());
  const std::uint64_t rows = users + static_cast<std::uint64_t>(problem.ratings.columns);
  const auto count = count_labels(problem.label);
  const auto size = [&](const LabelSet& part) {
    return static_cast<std::uint64_t>(count_part(count, part));
  };
  MfMemory memory;
  for (const MfFit& fit : problem.fits) {
    const auto vectors = static_cast<std::uint64_t>(chunk_count(fit.params.factors, kLanes));
    const std::uint64_t bytes = rows * (vectors * kLanes + 1) * sizeof(float);
    memory.parameters += fit.validate.any() ? 2 * bytes : bytes;
  }
  for (const FitPart& part : fit_parts(problem.fits)) {
    const std::uint64_t ratings = size(part.train);
    const std::uint64_t runs = std::min(ratings, users * kMostStripes);
    memory.ratings += ratings * (sizeof(Index) + sizeof(float)) + runs * sizeof(UserRun);
    memory.validation += size(part.validate) * (2 * sizeof(Index) + sizeof(float));
  }
  return memory;
}

CpuMfSession::CpuMfSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                           const MfProblem& problem)
    : threads_(std::move(threads)), kernels_(kernels), scale_(problem.scale) {
  std::vector<LabelSet> trained;
  for (const FitPart& part : fit_parts(problem.fits)) {
    trained.push_back(part.train);
    RatingBlocks blocks(problem.ratings, problem.label, part.train, *threads_);
    ValidationRatings validation =
        gather_validation(problem.ratings, problem.label, part.validate, blocks.user_row(),
                          blocks.item_row(), *threads_);
    parts_.push_back({std::move(blocks), std::move(validation)});
  }
  for (const MfFit& fit : problem.fits) {
    const auto part = std::find(trained.begin(), trained.end(), fit.train) - trained.begin();
    Model& model = models_.emplace_back();
    model.fit = fit;
    model.part = &parts_[static_cast<std::size_t>(part)];
    initialise(model);
  }
}

SgdModel CpuMfSession::Model::parameters() {
  return {now.user_factors.data(), now.item_factors.data(),    now.user_bias.data(),
          now.item_bias.data(),    now.user_factors.vectors(), fit.mean};
}

void CpuMfSession::initialise(Model& model) {
  const MfParams& params = model.fit.params;
  const RatingBlocks& blocks = model.part->blocks;
  const auto fill = [&](FactorRows& factors, const std::vector<Index>& rows,
                        const std::vector<std::int64_t>& ratings, RandomUse use) {
    factors = FactorRows(static_cast<Index>(rows.size()), params.factors);
    constexpr std::int64_t kRowsPerTask = 256;
    threads_->parallel_for(
        chunk_count(std::ssize(rows), kRowsPerTask), [&](std::int64_t task, int) {
          const auto end = std::min<std::int64_t>(std::ssize(rows), (task + 1) * kRowsPerTask);
          for (std::int64_t r = task * kRowsPerTask; r < end; ++r) {
            if (ratings[static_cast<std::size_t>(r)] == 0) continue;
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
  fill(model.now.user_factors, blocks.user_row(), blocks.user_count(),
       RandomUse::initial_user_factors);
  fill(model.now.item_factors, blocks.item_row(), blocks.item_count(),
       RandomUse::initial_item_factors);
  model.now.user_bias.assign(blocks.user_row().size(), 0);
  model.now.item_bias.assign(blocks.item_row().size(), 0);
}

double CpuMfSession::train_block(Model& model, const SgdRates& rates, int user_stripe,
                                 int item_stripe) const {
  const RatingBlocks& blocks = model.part->blocks;
  const auto runs = blocks.runs(user_stripe, item_stripe);
  if (runs.empty()) return 0;
  const auto block = static_cast<std::uint64_t>(user_stripe * blocks.stripes() + item_stripe);
  RandomSequence random(model.fit.params.seed,
                        random_stream(RandomUse::run_order, (epoch_ << 16) + block));
  return kernels_.sgd(model.parameters(), rates, run_order(runs, random), blocks.item().data(),
                      blocks.rating().data());
}

std::vector<SquaredError> CpuMfSession::run_epoch(std::span<const float> rate) {
  std::vector<SquaredError> errors(models_.size());
  std::vector<std::size_t> active;
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (!models_[m].retired) active.push_back(m);
  }
  // Long work first, so that no thread is left with it alone.
  std::stable_sort(active.begin(), active.end(), [&](std::size_t a, std::size_t b) {
    return models_[a].fit.params.factors > models_[b].fit.params.factors;
  });
  const auto train = [&](std::size_t m, const auto& each_block) {
    Model& model = models_[m];
    const SgdRates rates = sgd_rates(model.fit.params, rate[m]);
    const int stripes = model.part->blocks.stripes();
    const BlockOrder order = draw_block_order(model.fit.params.seed, epoch_, stripes);
    std::vector<double> block_sum(static_cast<std::size_t>(stripes));
    for (const int round : order.round) {
      // No two blocks of a round share a stripe.
      each_block(stripes, [&](std::int64_t w) {
        const auto block = static_cast<std::size_t>(w);
        block_sum[block] = train_block(model, rates, order.user_stripe[block],
                                       order.item_stripe_of(static_cast<int>(w), round));
      });
      errors[m].sum += std::accumulate(block_sum.begin(), block_sum.end(), 0.0);
    }
    errors[m].count = model.part->blocks.size();
  };
  // As many models as can be shared out evenly are trained by a thread each, the others by all
  // threads one after another.
  const auto alone =
      static_cast<std::int64_t>(active.size()) / threads_->threads() * threads_->threads();
  threads_->parallel_for(alone, [&](std::int64_t a, int) {
    train(active[static_cast<std::size_t>(a)], [](int blocks, const auto& train_one) {
      for (int w = 0; w < blocks; ++w) train_one(w);
    });
  });
  for (auto a = static_cast<std::size_t>(alone); a < active.size(); ++a) {
    train(active[a], [&](int blocks, const auto& train_one) {
      threads_->parallel_for(blocks, [&](std::int64_t w, int) { train_one(w); });
    });
  }
  ++epoch_;
  return errors;
}

std::vector<ErrorSums> CpuMfSession::validate() {
  constexpr std::int64_t kRatingsPerTask = 8192;
  struct Task {
    std::size_t model = 0;
    std::size_t begin = 0;
    std::size_t count = 0;
  };
  std::vector<Task> tasks;
  for (std::size_t m = 0; m < models_.size(); ++m) {
    if (models_[m].retired) continue;
    const auto& offset = models_[m].part->validation.offset;
    for (std::size_t label = 0; label < kLabels; ++label) {
      if (!models_[m].fit.validate.test(label)) continue;
      const std::int64_t end = offset[label + 1];
      for (std::int64_t at = offset[label]; at < end; at += kRatingsPerTask) {
        tasks.push_back({m, static_cast<std::size_t>(at),
                         static_cast<std::size_t>(std::min(kRatingsPerTask, end - at))});
      }
    }
  }
  std::vector<ErrorSums> sums(tasks.size());
  threads_->parallel_for(std::ssize(tasks), [&](std::int64_t t, int) {
    const auto& [m, begin, count] = tasks[static_cast<std::size_t>(t)];
    const ValidationRatings& ratings = models_[m].part->validation;
    sums[static_cast<std::size_t>(t)] =
        kernels_.validation_errors(models_[m].parameters(), scale_, &ratings.user[begin],
                                   &ratings.item[begin], &ratings.rating[begin], count);
  });
  std::vector<ErrorSums> errors(models_.size());
  for (std::size_t t = 0; t < tasks.size(); ++t) errors[tasks[t].model] += sums[t];
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
  const RatingBlocks& rows = asked.part->blocks;
  MfState state;
  state.users = static_cast<Index>(parameters.user_bias.size());
  state.items = static_cast<Index>(parameters.item_bias.size());
  state.factors = asked.fit.params.factors;
  state.biased = asked.fit.params.biased;
  state.mean = asked.fit.mean;
  state.user_factors = factors_of(parameters.user_factors, rows.user_row());
  state.item_factors = factors_of(parameters.item_factors, rows.item_row());
  if (state.biased) {
    state.user_bias = biases_of(parameters.user_bias, rows.user_row());
    state.item_bias = biases_of(parameters.item_bias, rows.item_row());
  }
  return state;
}

}  // namespace tusk
