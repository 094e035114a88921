// Successive halving.
#include <algorithm>

#include <tusk/error.hpp>

#include "tests/unit/search_fixture.hpp"

namespace tusk::test {
namespace {

// Nobody is to go on from those that were not given up, and yet the best is among them.
TEST_F(SearchTest, HalvingThatIsStoppedKeepsWhatIsLeft) {
  std::vector<Candidate> candidates;
  for (int c = 0; c < 9; ++c) {
    candidates.push_back(seeking(4, 0.001f * static_cast<float>(1 + c)));
    candidates.back().options.as<MfOptions>().early_stop = 60;
  }
  SearchOptions options;
  options.halving = true;
  int epoch = 0;
  std::size_t ended = 0;
  Observer observer;
  observer.on_search = [&](const SearchProgress& progress) { epoch = progress.epoch; };
  observer.should_stop = [&] { return epoch > 20; };
  const auto trials = search(candidates, options, observer, {},
                             [&](std::span<const Trial> some) { ended += some.size(); });
  EXPECT_EQ(ended, 6u);
  ASSERT_EQ(trials.size(), 9u);
  EXPECT_EQ(std::count_if(trials.begin(), trials.end(), [](auto& t) { return t.cut == 20; }), 6);
  const auto best = rank_trials({}, trials).front().trial;
  EXPECT_GT(trials[best].cut, 20);
}

TEST_F(SearchTest, HalvingGivesUpTheWorstAndKeepsTheBest) {
  std::vector<Candidate> candidates;
  for (int c = 0; c < 27; ++c) {
    candidates.push_back(seeking(8, 0.001f * static_cast<float>(1 + c)));
    candidates.back().options.as<MfOptions>().early_stop = 15;
  }
  const auto whole = search(candidates);
  SearchOptions options;
  options.halving = true;
  const auto halved = search(candidates, options);
  std::size_t cut_at_20 = 0;
  std::size_t cut_at_60 = 0;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    if (!halved[c].cut) {
      expect_same(halved[c], whole[c]);
      continue;
    }
    EXPECT_EQ(halved[c].curve.size(), static_cast<std::size_t>(*halved[c].cut));
    EXPECT_LE(halved[c].epochs, *halved[c].cut);
    cut_at_20 += *halved[c].cut == 20 ? 1 : 0;
    cut_at_60 += *halved[c].cut == 60 ? 1 : 0;
  }
  EXPECT_EQ(cut_at_20, 18u);
  EXPECT_LE(cut_at_60, 6u);
  const auto ranked = rank_trials({}, halved);
  EXPECT_FALSE(halved[ranked[0].trial].cut);
}

TEST_F(SearchTest, HalvingIsForSoughtEpochsAndErrors) {
  SearchOptions options;
  options.halving = true;
  EXPECT_THROW(search({mf(8, 0.02f, 6)}, options), UsageError);
  EXPECT_THROW(search({of_kind("bias")}, options), UsageError);
  options.metric = parse_metric("ndcg@5");
  EXPECT_THROW(search({seeking(8, 0.02f)}, options), UsageError);
}

}  // namespace
}  // namespace tusk::test
