#include "models/row_scores.hpp"

#include <cstdint>

#include "backend/grouped_queries.hpp"

namespace tusk {

std::vector<float> scores_by_rows(const Predictor& predictor, RankBy by,
                                  std::span<const Index> user, std::span<const Index> item) {
  std::vector<float> score(user.size(), 0);
  const GroupedQueries groups = group_queries(user, [](Index) { return 0; });
  std::vector<Index> users;
  std::vector<std::int64_t> group;
  for (std::int64_t g = 0; g < groups.size() && !user.empty(); ++g) {
    const Index one = user[groups.group(g).front()];
    if (one == kNone) continue;
    users.push_back(one);
    group.push_back(g);
  }
  predictor.score_rows(by, users, [&](std::size_t u, std::span<float> scores) {
    for (const std::size_t pair : groups.group(group[u])) {
      if (item[pair] != kNone) score[pair] = scores[static_cast<std::size_t>(item[pair])];
    }
  });
  return score;
}

}  // namespace tusk
