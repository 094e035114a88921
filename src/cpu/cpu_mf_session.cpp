#include "cpu/cpu_mf_session.hpp"

#include <algorithm>
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
      blocks_(problem.ratings, problem.label, trained_on(problem.fits), !same_part(problem.fits)),
      models_(problem.fits.size()),
      scratch_(static_cast<std::size_t>(threads_->threads())) {
  LabelSet validated_on;
  for (const MfFit& fit : problem.fits) validated_on |= fit.validate;
  std::vector<std::int64_t> label_count(validated_on.size(), 0);
  const CsrView& ratings = problem.ratings;
  ratings.each([&](Index user, std::size_t at) {
    const Label label = problem.label[at];
    ++label_count[label];
    if (!validated_on.test(label)) return;
    validation_.user.push_back(user);
    validation_.item.push_back(ratings.column[at]);
    validation_.rating.push_back(ratings.value[at]);
    validation_.label.push_back(label);
  });
  for (std::size_t m = 0; m < models_.size(); ++m) {
    models_[m].fit = problem.fits[m];
    for (std::size_t label = 0; label < label_count.size(); ++label) {
      if (models_[m].fit.train.test(label)) models_[m].train_count += label_count[label];
    }
    initialise(models_[m], ratings.rows(), ratings.columns);
  }
}

SgdModel CpuMfSession::Model::parameters() {
  return {now.user_factors.data(), now.item_factors.data(),    now.user_bias.data(),
          now.item_bias.data(),    now.user_factors.vectors(), fit.mean};
}

void CpuMfSession::initialise(Model& model, Index users, Index items) {
  const MfParams& params = model.fit.params;
  const auto fill = [&](FactorRows& factors, Index rows, RandomUse use) {
    factors = FactorRows(rows, params.factors);
    constexpr std::int64_t kRowsPerTask = 256;
    threads_->parallel_for(chunk_count(rows, kRowsPerTask), [&](std::int64_t chunk, int) {
      const auto end = std::min<std::int64_t>(rows, (chunk + 1) * kRowsPerTask);
      for (std::int64_t r = chunk * kRowsPerTask; r < end; ++r) {
        float* const row = factors.row(static_cast<Index>(r));
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
  fill(model.now.user_factors, users, RandomUse::initial_user_factors);
  fill(model.now.item_factors, items, RandomUse::initial_item_factors);
  model.now.user_bias.assign(static_cast<std::size_t>(users), 0);
  model.now.item_bias.assign(static_cast<std::size_t>(items), 0);
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
  const auto block = static_cast<std::uint64_t>(user_stripe * blocks_.stripes() + item_stripe);
  RandomSequence random(model.fit.params.seed,
                        random_stream(RandomUse::rating_order, (epoch_ << 16) + block));
  scratch.runs.assign(runs.begin(), runs.end());
  random.shuffle(scratch.runs);
  if (blocks_.label().empty()) {
    return kernels_.sgd(model.parameters(), rates, scratch.runs.data(), scratch.runs.size(),
                        blocks_.item().data(), blocks_.rating().data());
  }
  // Only the ratings that this model trains on.
  scratch.item.clear();
  scratch.rating.clear();
  for (UserRun& run : scratch.runs) {
    const auto first = static_cast<std::size_t>(run.first);
    const auto kept = scratch.item.size();
    for (std::size_t at = first; at < first + run.count; ++at) {
      if (!model.fit.train.test(blocks_.label()[at])) continue;
      scratch.item.push_back(blocks_.item()[at]);
      scratch.rating.push_back(blocks_.rating()[at]);
    }
    run.first = static_cast<std::int64_t>(kept);
    run.count = static_cast<std::uint32_t>(scratch.item.size() - kept);
  }
  return kernels_.sgd(model.parameters(), rates, scratch.runs.data(), scratch.runs.size(),
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
  const auto size = static_cast<std::int64_t>(validation_.rating.size());
  const std::int64_t chunks = chunk_count(size, kRatingsPerTask);
  std::vector<SquaredError> errors(models_.size());
  std::vector<SquaredError> partial(static_cast<std::size_t>(chunks) * models_.size());
  threads_->parallel_for(static_cast<std::int64_t>(partial.size()), [&](std::int64_t task, int) {
    Model& model = models_[static_cast<std::size_t>(task / chunks)];
    if (model.retired) return;
    const auto begin = static_cast<std::size_t>(task % chunks * kRatingsPerTask);
    const auto end = std::min(begin + kRatingsPerTask, validation_.rating.size());
    SquaredError& error = partial[static_cast<std::size_t>(task)];
    for (std::size_t k = begin; k < end; ++k) {
      if (!model.fit.validate.test(validation_.label[k])) continue;
      error.sum += kernels_.squared_error(model.parameters(), scale_, &validation_.user[k],
                                          &validation_.item[k], &validation_.rating[k], 1);
      ++error.count;
    }
  });
  for (std::size_t task = 0; task < partial.size(); ++task) {
    SquaredError& error = errors[task / static_cast<std::size_t>(chunks)];
    error.sum += partial[task].sum;
    error.count += partial[task].count;
  }
  return errors;
}

void CpuMfSession::checkpoint(std::size_t model) { models_[model].checkpoint = models_[model].now; }

void CpuMfSession::retire(std::size_t model) { models_[model].retired = true; }

MfState CpuMfSession::state(std::size_t model) const {
  const Model& asked = models_[model];
  const Parameters& parameters = asked.checkpoint ? *asked.checkpoint : asked.now;
  const auto unpadded = [](const FactorRows& factors, std::size_t rows) {
    std::vector<float> values;
    values.reserve(rows * static_cast<std::size_t>(factors.factors()));
    for (std::size_t r = 0; r < rows; ++r) {
      const float* const row = factors.row(static_cast<Index>(r));
      values.insert(values.end(), row, row + factors.factors());
    }
    return values;
  };
  MfState state;
  state.users = static_cast<Index>(parameters.user_bias.size());
  state.items = static_cast<Index>(parameters.item_bias.size());
  state.factors = asked.fit.params.factors;
  state.biased = asked.fit.params.biased;
  state.mean = asked.fit.mean;
  state.user_factors = unpadded(parameters.user_factors, parameters.user_bias.size());
  state.item_factors = unpadded(parameters.item_factors, parameters.item_bias.size());
  if (state.biased) {
    state.user_bias = parameters.user_bias;
    state.item_bias = parameters.item_bias;
  }
  return state;
}

}  // namespace tusk
