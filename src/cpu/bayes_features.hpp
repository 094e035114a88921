// The features of both sides of Gibbs sampling, ready to draw links.
#pragma once

#include <optional>

#include "backend/bayes_session.hpp"
#include "cpu/link_features.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

struct BayesFeatures {
  std::optional<LinkFeatures> users;
  std::optional<LinkFeatures> items;
};

// Those that the problem has, which are borrowed. `columns` is the transpose of its ratings.
void open_features(const BayesProblem& problem, const CsrView& columns, ThreadPool& threads,
                   BayesFeatures& features, Index most_dense = LinkFeatures::kMostDense);

}  // namespace tusk
