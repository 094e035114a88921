#include <set>
#include <string>

#include <gtest/gtest.h>

#include <tusk/search_space.hpp>

namespace tusk {
namespace {

CandidateParser parser_of(const char* model, Settings given = {}) {
  TrainOptions options(model);
  for (const auto& [name, value] : given) options.set_text(name, value);
  return {options, {}, std::move(given)};
}

SearchSpace space_of(std::initializer_list<const char*> ranges) {
  SearchSpace space;
  for (const char* range : ranges) space.add(ParameterRange(range));
  return space;
}

double number(const Settings& settings, std::size_t place) {
  return std::stod(settings[place].second);
}

template <class Work>
void expect_refused(const Work& work, const std::string& message) {
  try {
    work();
    ADD_FAILURE() << "is taken, not refused: " << message;
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(SearchSpace, AGridHasEveryCombinationTheLastChangingFastest) {
  const auto grid = space_of({"a=1,2", "b+c=x,y"}).grid();
  EXPECT_EQ(grid, (std::vector<Settings>{{{"a", "1"}, {"b", "x"}, {"c", "x"}},
                                         {{"a", "1"}, {"b", "y"}, {"c", "y"}},
                                         {{"a", "2"}, {"b", "x"}, {"c", "x"}},
                                         {{"a", "2"}, {"b", "y"}, {"c", "y"}}}));
  expect_refused([] { space_of({"a=1..2"}).grid(); }, "search with random N");
}

TEST(SearchSpace, RandomSettingsAreInRangeAndOfTheSeed) {
  const SearchSpace space = parser_of("mf").typed(space_of(
      {"factors=2..5", "learning_rate=0.001..0.1:log", "regularization=0..1", "epochs=1,2"}));
  const auto trials = space.draw(1, 40);
  ASSERT_EQ(trials.size(), 40u);
  std::set<std::string> factors;
  int small = 0;
  for (const Settings& trial : trials) {
    factors.insert(trial[0].second);
    EXPECT_EQ(trial[1].first, "learning-rate");
    EXPECT_GE(number(trial, 1), 0.001);
    EXPECT_LE(number(trial, 1), 0.1);
    EXPECT_GE(number(trial, 2), 0);
    EXPECT_LE(number(trial, 2), 1);
    EXPECT_TRUE(trial[3].second == "1" || trial[3].second == "2");
    small += number(trial, 1) < 0.01 ? 1 : 0;
  }
  EXPECT_EQ(factors, (std::set<std::string>{"2", "3", "4", "5"}));
  EXPECT_GT(small, 10) << "half of a logarithmic range is below its middle";
  EXPECT_LT(small, 30);
  EXPECT_EQ(space.draw(1, 40), trials);
  EXPECT_NE(space.draw(9, 40), trials);
  EXPECT_EQ(space_of({"a=1,2,3"}).draw(1, 40).size(), 3u) << "there are no more";
}

TEST(SearchSpace, DistancesAreLogarithmicWhereValuesAreManyTimesOthers) {
  EXPECT_TRUE(ParameterRange("a=1,8").logarithmic());
  EXPECT_FALSE(ParameterRange("a=1,7").logarithmic());
  EXPECT_FALSE(ParameterRange("a=0,8").logarithmic());
  EXPECT_TRUE(ParameterRange("a=1..2:log").logarithmic());
}

TEST(SearchSpace, EveryModelHasOneAroundItsDefaults) {
  for (const char* model : {"mf", "bias", "popular", "user-knn", "item-knn"}) {
    const SearchPlan plan = parser_of(model).plan_around_defaults({{}, false, 3}, 1, 1.1f);
    ASSERT_EQ(plan.settings.size(), 3u) << model;
    EXPECT_TRUE(plan.settings[0].empty()) << "the defaults are tried, too";
    EXPECT_FALSE(plan.settings[1].empty());
    EXPECT_TRUE(plan.candidates[0].options == TrainOptions(model));
  }
  expect_refused([] { parser_of("mean").plan_around_defaults({}, 1, 1); },
                 "model mean has nothing to tune");
}

TEST(SearchSpace, WhatIsGivenIsNotSearched) {
  const CandidateParser parser = parser_of("mf", {{"factors", "7"}});
  const SearchPlan plan = parser.plan_around_defaults({{}, false, 3}, 1, 1.1f);
  for (const std::string& name : plan.space.parameters()) EXPECT_NE(name, "factors");
  EXPECT_EQ(*plan.candidates[1].options.get("factors"), ParameterValue(std::int64_t{7}));
  EXPECT_EQ(parser.all({{"epochs", "3"}}), (Settings{{"factors", "7"}, {"epochs", "3"}}));
  EXPECT_EQ(parser.all({{"factors", "3"}}), (Settings{{"factors", "3"}}));
}

TEST(SearchSpace, RefusesWhatCannotBeSearched) {
  const auto refused = [](const char* model, const char* range, const char* message) {
    expect_refused([&] { parser_of(model).typed(space_of({range})); }, message);
  };
  refused("mf", "factors", "there is no NAME=");
  refused("mf", "factors=2,,3", "a value is missing");
  refused("mf", "learning-rate+learning-rate=1", "searched twice");
  refused("mf", "factors=2.5..9", "whole numbers");
  refused("mf", "factors=9..2", "no numbers between");
  refused("mf", "learning-rate=0..1:log", "above 0");
  refused("mf", "learning-rate=a..1", "not numbers");
  refused("user-knn", "similarity=1..2", "list its values");
  refused("mf", "neighbours=2,3", "it is one of user-knn, item-knn, ease and hybrid");
}

}  // namespace
}  // namespace tusk
