// What stochastic gradient descent trains on the CPU, and a block of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "cpu/factor_rows.hpp"
#include "cpu/kernels.hpp"
#include "cpu/rating_blocks.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

// Of the users of `own_first_row` and on, and of all items, in the order of their rows.
struct SgdParameters {
  FactorRows user_factors;
  FactorRows item_factors;
  std::vector<float> user_bias;
  std::vector<float> item_bias;

  // Those that training starts from, of so many users.
  SgdParameters() = default;
  SgdParameters(const MfParams& params, const RatingBlocks& blocks, Index users,
                ThreadPool& threads);

  SgdModel model(float mean);
};

// Calls visit(name, numbers, count) for all numbers of a model.
template <class Some, class Visit>
void each_array(Some& parameters, const std::string& prefix, const Visit& visit) {
  const auto floats = [](const FactorRows& rows, std::size_t count) {
    return count * static_cast<std::size_t>(rows.vectors()) * kLanes;
  };
  auto& [user, item, user_bias, item_bias] = parameters;
  visit(prefix + "user_factors", user.data(), floats(user, user_bias.size()));
  visit(prefix + "item_factors", item.data(), floats(item, item_bias.size()));
  visit(prefix + "user_bias", user_bias.data(), user_bias.size());
  visit(prefix + "item_bias", item_bias.data(), item_bias.size());
}

// The model of parameters that are there of all users: in the order of users and items again,
// without padding.
MfState state_of(const SgdParameters& parameters, const RatingBlocks& blocks, const MfFit& fit);

// Trains one block for an epoch. Returns the sum of squared errors, of each rating just before its
// update.
double train_block(const CpuKernels& kernels, const SgdModel& model, const MfParams& params,
                   float rate, const RatingBlocks& blocks, std::uint64_t epoch, int user_stripe,
                   int item_stripe);

}  // namespace tusk
