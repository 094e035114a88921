#include "cpu/bayes_features.hpp"

#include <vector>

namespace tusk {
namespace {

void open_side(const CsrView& features, const CsrView& ratings, ThreadPool& threads,
               Index most_dense, std::optional<LinkFeatures>& opened) {
  if (features.rows() == 0) return;
  std::vector<bool> known;
  for (Index row = 0; row < ratings.rows(); ++row) known.push_back(!ratings.row(row).empty());
  opened.emplace(features, known, WorkLoop(threads), most_dense);
}

}  // namespace

void open_features(const BayesProblem& problem, const CsrView& columns, ThreadPool& threads,
                   BayesFeatures& features, Index most_dense) {
  open_side(problem.user_features, problem.ratings, threads, most_dense, features.users);
  open_side(problem.item_features, columns, threads, most_dense, features.items);
  threads.parallel_for(2, [&](std::int64_t side, int) {
    auto& opened = side == 0 ? features.users : features.items;
    if (opened) opened->decompose();
  });
}

}  // namespace tusk
