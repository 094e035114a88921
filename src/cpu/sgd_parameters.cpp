#include "cpu/sgd_parameters.hpp"

#include "backend/stride_order.hpp"
#include "model/initial_factors.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

// Rows of users or items first_row .. first_row + count - 1; `row` says which is whose.
FactorRows initial_factors(const MfParams& params, const std::vector<Index>& row,
                           const std::vector<std::int64_t>& ratings, Index first_row, Index count,
                           RandomUse use, ThreadPool& threads) {
  FactorRows factors(count, params.factors);
  constexpr std::int64_t kRowsPerTask = 256;
  threads.parallel_chunks(std::ssize(row), kRowsPerTask, [&](std::int64_t r, int) {
    const Index place = row[static_cast<std::size_t>(r)] - first_row;
    if (ratings[static_cast<std::size_t>(r)] == 0 || place < 0 || place >= count) return;
    float* const values = factors.row(place);
    for (int f = 0; f < params.factors; f += 2) {
      float pair[2];
      initial_factor_pair(params.seed, use, static_cast<std::uint64_t>(r),
                          static_cast<std::uint64_t>(f / 2), params.init_std, pair);
      values[f] = pair[0];
      if (f + 1 < params.factors) values[f + 1] = pair[1];
    }
  });
  return factors;
}

RunOrder run_order(std::span<const UserRun> runs, RandomSequence& random) {
  const auto [first, step] = draw_stride_order(static_cast<std::uint32_t>(runs.size()), random);
  return {runs.data(), runs.size(), first, step};
}

}  // namespace

SgdParameters::SgdParameters(const MfParams& params, const RatingBlocks& blocks, Index users,
                             ThreadPool& threads)
    : user_factors(initial_factors(params, blocks.user_row(), blocks.user_count(),
                                   blocks.own_first_row(), users, RandomUse::initial_user_factors,
                                   threads)),
      item_factors(initial_factors(params, blocks.item_row(), blocks.item_count(), 0,
                                   static_cast<Index>(blocks.item_row().size()),
                                   RandomUse::initial_item_factors, threads)),
      user_bias(static_cast<std::size_t>(users), 0),
      item_bias(blocks.item_row().size(), 0) {}

SgdModel SgdParameters::model(float mean) {
  return {user_factors.data(), item_factors.data(),    user_bias.data(),
          item_bias.data(),    user_factors.vectors(), mean};
}

MfState state_of(const SgdParameters& parameters, const RatingBlocks& blocks, const MfFit& fit) {
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
  state.factors = fit.params.factors;
  state.biased = fit.params.biased;
  state.mean = fit.mean;
  state.user_factors = factors_of(parameters.user_factors, blocks.user_row());
  state.item_factors = factors_of(parameters.item_factors, blocks.item_row());
  if (state.biased) {
    state.user_bias = biases_of(parameters.user_bias, blocks.user_row());
    state.item_bias = biases_of(parameters.item_bias, blocks.item_row());
  }
  return state;
}

double train_block(const CpuKernels& kernels, const SgdModel& model, const MfParams& params,
                   float rate, const RatingBlocks& blocks, std::uint64_t epoch, int user_stripe,
                   int item_stripe) {
  const auto runs = blocks.runs(user_stripe, item_stripe);
  if (runs.empty()) return 0;
  const auto block = static_cast<std::uint64_t>(user_stripe * blocks.stripes() + item_stripe);
  RandomSequence random(params.seed, random_stream(RandomUse::run_order, (epoch << 16) + block));
  return kernels.sgd(model, sgd_rates(params, rate), run_order(runs, random), blocks.item().data(),
                     blocks.rating().data());
}

}  // namespace tusk
