// Test ratings by user, as lists of items are judged by.
#pragma once

#include <cstdint>
#include <vector>

#include <tusk/ranking.hpp>

namespace tusk {

// A user with a training rating and a relevant test rating. Items ascend.
struct TestUser {
  Index user = 0;
  std::vector<Index> rated;     // test items that can be on a list
  std::vector<Index> relevant;  // those of them that are relevant
  std::int64_t missed = 0;      // relevant items that cannot be on a list
};

// Sets the counts of `metrics`, whose options say what is relevant.
std::vector<TestUser> gather_test_users(const Model& model, const RatingList& test,
                                        RankingMetrics& metrics);

}  // namespace tusk
