// Several models of an MfSession, several epochs, and rows without ratings.
#include <algorithm>
#include <cmath>
#include <vector>

#include "backend/backend.hpp"
#include "tests/parity/mf_session_fixture.hpp"

namespace tusk {
namespace {

class MfModelsTest : public MfSessionTest {};

// Several models side by side are each what they would be alone.
TEST_P(MfModelsTest, ModelsDoNotTouchEachOther) {
  const Dataset data = random_dataset(100, 80, 4'000, 3);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 4);
  MfProblem together{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < 5; ++m) {
    MfParams params = test::coarse_params(4 + static_cast<int>(m) * 7);
    params.seed = m;
    const LabelSet held = LabelSet().set(m % 4);
    together.fits.push_back({params, ~held, held, 3.0f + static_cast<float>(m) * 0.1f});
  }
  const auto session = backend_->open_mf(together);
  std::vector<std::vector<SquaredError>> trained;
  for (int epoch = 0; epoch < 3; ++epoch) {
    trained.push_back(session->run_epoch(std::vector<float>(5, 0.5f)));
  }
  const auto validated = session->validate();
  for (std::size_t m = 0; m < 5; ++m) {
    MfProblem alone = together;
    alone.fits = {together.fits[m]};
    const auto single = backend_->open_mf(alone);
    std::int64_t held = 0;
    for (const Label l : label) held += l == m % 4 ? 1 : 0;
    for (int epoch = 0; epoch < 3; ++epoch) {
      const auto error = single->run_epoch(std::vector<float>{0.5f})[0];
      EXPECT_EQ(error.count, data.size() - held);
      EXPECT_EQ(error.count, trained[static_cast<std::size_t>(epoch)][m].count);
      EXPECT_NEAR(error.sum, trained[static_cast<std::size_t>(epoch)][m].sum, 0.02 * error.sum);
    }
    EXPECT_EQ(validated[m].count, held);
    EXPECT_NEAR(validated[m].squared, single->validate()[0].squared, 0.02 * validated[m].squared);
  }
}

// On the CPU to the bit: neither its part nor the threads that are left for a model depend on the
// others.
TEST_P(MfModelsTest, OnTheCpuAModelIsTheSameWhateverIsTrainedBesideIt) {
  if (GetParam().gpu) GTEST_SKIP() << "a GPU arranges the ratings of all models together";
  const Dataset data = random_dataset(300, 200, 20'000, 3);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 4);
  MfProblem together{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < 8; ++m) {
    const LabelSet held = LabelSet().set(m % 4);
    together.fits.push_back({test::coarse_params(4 + static_cast<int>(m) * 5), ~held, held, 3.0f});
  }
  const auto session = backend_->open_mf(together);
  session->retire(2);
  for (int epoch = 0; epoch < 3; ++epoch) session->run_epoch(std::vector<float>(8, 0.5f));
  for (const std::size_t m : {std::size_t{0}, std::size_t{7}}) {
    MfProblem alone = together;
    alone.fits = {together.fits[m]};
    const auto single = backend_->open_mf(alone);
    for (int epoch = 0; epoch < 3; ++epoch) single->run_epoch({{0.5f}});
    EXPECT_EQ(single->validate()[0].squared, session->validate()[m].squared);
    EXPECT_EQ(single->state(0).user_factors, session->state(m).user_factors);
    EXPECT_EQ(single->state(0).item_bias, session->state(m).item_bias);
  }
}

TEST_P(MfModelsTest, SeveralEpochsAreOneAfterAnother) {
  if (!GetParam().same_bits) GTEST_SKIP() << "threads that race do not give the same bits twice";
  const Dataset data = random_dataset(100, 80, 4'000, 3);
  std::vector<Label> label = all_zero(data);
  for (std::size_t at = 0; at < label.size(); ++at) label[at] = static_cast<Label>(at % 3);
  MfProblem parts{data.ratings(), label, data.scale, {}};
  for (std::size_t m = 0; m < 5; ++m) {
    const LabelSet held = LabelSet().set(m % 3);
    parts.fits.push_back({test::coarse_params(6 + 9 * static_cast<int>(m)), ~held, held, 3.0f});
  }
  const std::vector<float> rate = {1, 1, 0.5f, 1, 2, 0.5f, 1, 1, 0.25f, 1, 1, 1, 0.1f, 1, 0.5f};
  const auto single = backend_->open_mf(parts);
  single->retire(3);
  std::vector<std::vector<SquaredError>> trained;
  std::vector<std::vector<ErrorSums>> validated;
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    trained.push_back(single->run_epoch(std::span(rate).subspan(5 * epoch, 5)));
    validated.push_back(single->validate());
  }
  for (const Validate after : {Validate::never, Validate::last, Validate::each}) {
    const auto together = backend_->open_mf(parts);
    together->retire(3);
    const auto errors = together->run_epochs(rate, 5, after);
    ASSERT_EQ(errors.size(), 15u);
    for (std::size_t epoch = 0; epoch < 3; ++epoch) {
      const bool measured = after == Validate::each || (after == Validate::last && epoch == 2);
      for (std::size_t m = 0; m < 5; ++m) {
        const auto& [train, validation] = errors[5 * epoch + m];
        EXPECT_EQ(train.sum, trained[epoch][m].sum);
        EXPECT_EQ(train.count, trained[epoch][m].count);
        EXPECT_EQ(validation.squared, measured ? validated[epoch][m].squared : 0);
        EXPECT_EQ(validation.count, measured ? validated[epoch][m].count : 0);
      }
    }
    EXPECT_EQ(together->state(4).item_factors, single->state(4).item_factors);
  }
}

// Their initial factors would be noise in the predictions.
TEST_P(MfModelsTest, FactorsWithoutTrainingRatingsAreZero) {
  const Dataset data = make_dataset(4, 3, {{0, 0, 5}, {0, 1, 1}, {1, 1, 2}, {2, 2, 4}});
  const std::vector<Label> label = {0, 0, 1, 1};
  MfParams params = test::coarse_params(5);
  params.init_std = 1;
  const LabelSet first = LabelSet().set(0);
  const LabelSet second = LabelSet().set(1);
  const auto session =
      backend_->open_mf({data.ratings(),
                         label,
                         data.scale,
                         {{params, first, second, 3}, {params, second, first, 3}}});
  // Of user 1 and item 1 and of user 2 and item 2 the first model knows one at most.
  EXPECT_NEAR(session->validate()[0].squared, 1 + 1, 1e-6);
  const auto zero = [&](const std::vector<float>& factors, int row) {
    const auto begin = factors.begin() + row * params.factors;
    return std::all_of(begin, begin + params.factors, [](float f) { return f == 0; });
  };
  const MfState of_first = session->state(0);
  const MfState of_second = session->state(1);
  for (int user = 0; user < 4; ++user) {
    EXPECT_EQ(zero(of_first.user_factors, user), user != 0);
    EXPECT_EQ(zero(of_second.user_factors, user), user != 1 && user != 2);
  }
  for (int item = 0; item < 3; ++item) {
    EXPECT_EQ(zero(of_first.item_factors, item), item == 2);
    EXPECT_EQ(zero(of_second.item_factors, item), item == 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Backends, MfModelsTest, testing::ValuesIn(backends()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tusk
