#include "cli/rating_round.hpp"

#include <gtest/gtest.h>

namespace tusk::cli {
namespace {

using Ratings = std::map<Index, float>;

TEST(RatingRound, ShowsTheMiddleOfTheScaleAndMovesInItsSteps) {
  const auto shown_after = [](RatingScale scale, int steps) {
    RatingRound round({7}, scale, {});
    round.change(steps);
    return round.shown();
  };
  EXPECT_EQ(shown_after({1, 5}, 0), 3);
  EXPECT_EQ(shown_after({1, 5}, 1), 4);
  EXPECT_EQ(shown_after({1, 5}, 9), 5) << "it ends at the end of the scale";
  EXPECT_EQ(shown_after({0.5f, 5}, 0), 3);
  EXPECT_EQ(shown_after({0.5f, 5}, -1), 2.5f);
  EXPECT_EQ(shown_after({0, 100}, 0), 50);
  EXPECT_EQ(shown_after({0, 100}, 2), 70);
  EXPECT_EQ(shown_after({1, 1}, 0), 1) << "a scale of one value";
  EXPECT_EQ(shown_after({1, 1}, 3), 1);
}

TEST(RatingRound, KeepsWhatWasAnswered) {
  RatingRound round({7, 8, 9}, {1, 5}, {});
  EXPECT_EQ(round.answer("4"), RatingRound::Answer::taken);
  EXPECT_EQ(round.answer(" 2.5 "), RatingRound::Answer::taken);
  EXPECT_EQ(round.answer("6"), RatingRound::Answer::wrong);
  EXPECT_EQ(round.answer("?"), RatingRound::Answer::wrong);
  EXPECT_EQ(round.ratings(), (Ratings{{7, 4.0f}, {8, 2.5f}}));
  EXPECT_EQ(round.answer("b"), RatingRound::Answer::taken);
  EXPECT_EQ(round.item(), 8);
  EXPECT_EQ(round.shown(), 2.5f);
  EXPECT_EQ(round.answer("-"), RatingRound::Answer::taken);
  EXPECT_EQ(round.ratings(), (Ratings{{7, 4.0f}})) << "not seen, after all";
  EXPECT_EQ(round.answer("q"), RatingRound::Answer::leave);
  EXPECT_FALSE(round.done());
  EXPECT_EQ(round.answer(""), RatingRound::Answer::taken);
  EXPECT_TRUE(round.done());
  round.back();
  round.back();
  round.back();
  round.back();
  EXPECT_EQ(round.item(), 7) << "nothing is before the first";
}

TEST(RatingRound, ContinuesBehindTheLastRating) {
  const RatingRound round({7, 8, 9}, {1, 5}, {{8, 3.0f}, {100, 1.0f}});
  EXPECT_EQ(round.item(), 9);
  EXPECT_EQ(round.ratings().size(), 2u) << "ratings of other items are kept";
  EXPECT_TRUE(RatingRound({7}, {1, 5}, {{7, 3.0f}}).done());
}

}  // namespace
}  // namespace tusk::cli
