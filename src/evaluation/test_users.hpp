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
  std::vector<double> gain;     // of each of these
  std::vector<double> missed;   // gains of relevant items that cannot be on a list

  // The gains of all relevant items, the largest first.
  std::vector<double> gains() const;
};

// `seen` has the training ratings of the users. Sets the counts of `metrics`, whose options say
// what is relevant. Throws UsageError for gains of ratings that have none.
std::vector<TestUser> gather_test_users(const Model& model, const CsrView& seen,
                                        const RatingList& test, RankingMetrics& metrics);

}  // namespace tusk
