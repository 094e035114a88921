// What tests of device code share: a model laid out as a GPU's, and ratings. Includes the emulator
// and the kernels.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "backend/backend.hpp"
#include "support/thread_pool.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/reference_sgd.hpp"

// clang-format off
#include "tests/cuda/warp_emulator.hpp"  // before device code
#include "tests/cuda/kernel_choice.hpp"
// clang-format on

namespace tusk::test {

inline constexpr float kMean = 3;

// A model in memory laid out as a GPU's.
class EmulatedModel {
 public:
  EmulatedModel(const MfParams& params, Index users, Index items, Precision precision,
                const Index* user_of_row = nullptr, const Index* item_of_row = nullptr)
      : params_(params),
        users_(users),
        items_(items),
        layout_(row_layout(params.factors, precision)),
        bytes_((static_cast<std::size_t>(users) + static_cast<std::size_t>(items)) *
               layout_.stride() / sizeof(Sector)),
        user_bias_(static_cast<std::size_t>(users) * kBiasSpacing),
        item_bias_(static_cast<std::size_t>(items) * kBiasSpacing) {
    const auto fill_both = [&](auto storage) {
      fill<decltype(storage)>(rows().user, users, RandomUse::initial_user_factors, user_of_row);
      fill<decltype(storage)>(rows().item, items, RandomUse::initial_item_factors, item_of_row);
    };
    precision == Precision::fp16 ? fill_both(__half()) : fill_both(0.0f);
  }

  ModelRows rows() {
    ModelRows rows;
    rows.user = bytes_.data()->byte;
    rows.item = rows.user + static_cast<std::size_t>(users_) * layout_.stride();
    rows.user_bias = user_bias_.data();
    rows.item_bias = item_bias_.data();
    rows.stride = layout_.stride();
    rows.factors_per_lane = layout_.factors_per_lane;
    rows.mean = kMean;
    return rows;
  }

  MfState state(std::span<const Index> user_row = {}, std::span<const Index> item_row = {}) {
    MfState state{users_, items_, params_.factors, true, kMean, {}, {}, {}, {}};
    const ModelRows model = rows();
    unpack(model.user, model.user_bias, users_, user_row, state.user_factors, state.user_bias);
    unpack(model.item, model.item_bias, items_, item_row, state.item_factors, state.item_bias);
    return state;
  }

  // Padding must stay zero, or it would grow into the predictions.
  bool padding_is_zero() {
    for (Index row = 0; row < users_ + items_; ++row) {
      const unsigned char* const at =
          bytes_.data()->byte + static_cast<std::size_t>(row) * layout_.stride();
      const auto first = static_cast<std::size_t>(params_.factors) * layout_.factor_bytes;
      for (std::size_t b = first; b < layout_.stride(); ++b) {
        if (at[b] != 0) return false;
      }
    }
    for (const auto& biases : {user_bias_, item_bias_}) {
      for (std::size_t at = 0; at < biases.size(); ++at) {
        if (at % kBiasSpacing != 0 && biases[at] != 0) return false;
      }
    }
    return true;
  }

 private:
  struct alignas(32) Sector {
    unsigned char byte[32] = {};
  };

  template <class Storage>
  void fill(unsigned char* rows, Index count, RandomUse use, const Index* id_of_row) {
    InitialFactors a;
    a.rows = rows;
    a.stride = layout_.stride();
    a.count = count;
    a.id_of_row = id_of_row;
    a.factors = params_.factors;
    a.seed = params_.seed;
    a.use = use;
    a.standard_deviation = params_.init_std;
    for (unsigned block = 0; block < 3; ++block) {
      EmulatedWarp::run(block, 3, [&] { fill_initial_factors<Storage>(a); });
    }
  }

  void unpack(const unsigned char* rows, const float* bias, Index count,
              std::span<const Index> row_of, std::vector<float>& factors,
              std::vector<float>& biases) const {
    factors.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(params_.factors));
    biases.resize(static_cast<std::size_t>(count));
    RowsToUnpack a;
    a.rows = rows;
    a.bias = bias;
    a.stride = layout_.stride();
    a.row_of = row_of.empty() ? nullptr : row_of.data();
    a.count = count;
    a.factors = params_.factors;
    a.factor_out = factors.data();
    a.bias_out = biases.data();
    for (unsigned block = 0; block < 3; ++block) {
      EmulatedWarp::run(block, 3, [&] {
        layout_.factor_bytes == sizeof(float) ? unpack_rows<float>(a) : unpack_rows<__half>(a);
      });
    }
  }

  MfParams params_;
  Index users_;
  Index items_;
  RowLayout layout_;
  std::vector<Sector> bytes_;
  std::vector<float> user_bias_;
  std::vector<float> item_bias_;
};

inline constexpr int kFactors[] = {1, 33, 64, 96, 100, 129, 192, 200, 256, 300, 512, 513};

// Users with histories of one rating and of more than a run, and labels of which one is left out.
class KernelTest : public ::testing::Test {
 protected:
  static Dataset ratings() {
    std::vector<Rating> ratings;
    for (Index item = 0; item < 700; ++item) ratings.push_back({0, item, 1.0f + (item % 5)});
    for (Index user = 1; user < 12; ++user) {
      for (Index item = 0; item < user * user; ++item) {
        ratings.push_back({user, item * 5 % 700, 1.0f + ((user + item) % 5)});
      }
    }
    return make_dataset(12, 700, ratings);
  }

  KernelTest() {
    for (std::size_t at = 0; at < label_.size(); ++at) label_[at] = static_cast<Label>(at % 40);
  }

  const Dataset data_ = ratings();
  std::vector<Label> label_ = std::vector<Label>(data_.rating.size());
  const LabelSet train_ = ~LabelSet().set(3).set(36);
  ThreadPool threads_{1};
};

}  // namespace tusk::test
