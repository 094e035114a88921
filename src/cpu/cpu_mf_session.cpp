#include "cpu/cpu_mf_session.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "model/initial_factors.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

LabelSet trained_on(const std::vector<MfFit>& fits) {
  LabelSet labels;
  for (const MfFit& fit : fits) labels |= fit.train;
  return labels;
}

// Models that do not train on the same labels have to look at the label of every rating.
bool same_part(const std::vector<MfFit>& fits) {
  return std::all_of(fits.begin(), fits.end(),
                     [&](const MfFit& fit) { return fit.train == fits.front().train; });
}

constexpr std::size_t kLabels = LabelSet().size();

// All runs, from a random one on, with random steps.
RunOrder run_order(std::span<const UserRun> runs, RandomSequence& random) {
  RunOrder order{runs.data(), runs.size(), 0, 1};
  const auto count = static_cast<std::uint32_t>(runs.size());
  order.first = random.below(count);
  if (count < 3) return order;
  do {
    order.step = 1 + random.below(count - 1);
  } while (std::gcd(order.step, order.count) != 1);
  return order;
}

std::vector<int> shuffled(int count, RandomSequence& random) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  random.shuffle(numbers);
  return numbers;
}

}  // namespace

CpuMfSession::CpuMfSession(std::shared_ptr<ThreadPool> threads, const CpuKernels& kernels,
                           const MfProblem& problem)
    : threads_(std::move(threads)),
      kernels_(kernels),
      scale_(problem.scale),
      blocks_(problem.ratings, problem.label, trained_on(problem.fits), !same_part(problem.fits),
              *threads_),
      validation_(gather(problem)),
      models_(problem.fits.size()),
      scratch_(static_cast<std::size_t>(threads_->threads())) {
  std::array<std::int64_t, kLabels> count{};
  for (const Label label : problem.label) ++count[label];
  for (std::size_t m = 0; m < models_.size(); ++m) {
    models_[m].fit = problem.fits[m];
    for (std::size_t label = 0; label < kLabels; ++label) {
      if (models_[m].fit.train.test(label)) models_[m].train_count += count[label];
    }
    initialise(models_[m]);
  }
}

CpuMfSession::Validation CpuMfSession::gather(const MfProblem& problem) const {
  LabelSet validated;
  for (const MfFit& fit : problem.fits) validated |= fit.validate;
  Validation gathered;
  gathered.offset.assign(kLabels + 1, 0);
  if (validated.none()) return gathered;
  for (const Label label : problem.label) {
    if (validated.test(label)) ++gathered.offset[label + 1u];
  }
  std::partial_sum(gathered.offset.begin(), gathered.offset.end(), gathered.offset.begin());
  const auto size = static_cast<std::size_t>(gathered.offset.back());
  gathered.user.resize(size);
  gathered.item.resize(size);
  gathered.rating.resize(size);
  std::vector<std::int64_t> next(gathered.offset.begin(), gathered.offset.end() - 1);
  problem.ratings.each([&](Index user, std::size_t at) {
    if (!validated.test(problem.label[at])) return;
    const auto place = static_cast<std::size_t>(next[problem.label[at]]++);
    gathered.user[place] = blocks_.user_row()[static_cast<std::size_t>(user)];
    gathered.item[place] = blocks_.item_row()[static_cast<std::size_t>(problem.ratings.column[at])];
    gathered.rating[place] = problem.ratings.value[at];
  });
  return gathered;
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

CpuMfSession::BlockOrder CpuMfSession::block_order(const Model& model) const {
  RandomSequence random(model.fit.params.seed, random_stream(RandomUse::block_order, epoch_));
  const int stripes = blocks_.stripes();
  BlockOrder order;
  order.round = shuffled(stripes, random);
  order.user_stripe = shuffled(stripes, random);
  order.item_stripe = shuffled(stripes, random);
  return order;
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
    const auto item = (w + static_cast<std::size_t>(round)) % stripes;
    return train_block(models_[m], sgd_rates(models_[m].fit.params, rate[m]), order.user_stripe[w],
                       order.item_stripe[item], scratch_[static_cast<std::size_t>(thread)]);
  };
  if (static_cast<int>(active.size()) >= threads_->threads()) {
    threads_->parallel_for(static_cast<std::int64_t>(active.size()),
                           [&](std::int64_t a, int thread) {
                             const std::size_t m = active[static_cast<std::size_t>(a)];
                             const BlockOrder order = block_order(models_[m]);
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
      const BlockOrder order = block_order(models_[m]);
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
