#include "evaluation/test_users.hpp"

#include <algorithm>
#include <numeric>

namespace tusk {

std::vector<TestUser> gather_test_users(const Model& model, const RatingList& test,
                                        RankingMetrics& metrics) {
  std::vector<std::size_t> order(test.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return test.user[a] != test.user[b] ? test.user[a] < test.user[b] : test.item[a] < test.item[b];
  });
  const CsrView seen = model.seen().view();
  std::vector<TestUser> users;
  const auto close = [&] {  // the user before
    if (users.empty()) return;
    const auto relevant = std::ssize(users.back().relevant) + users.back().missed;
    metrics.relevant += relevant;
    metrics.relevant_unknown_items += users.back().missed;
    if (relevant == 0) {
      ++metrics.users_without_relevant;
      users.pop_back();
    }
  };
  Index present = kNone;
  for (const std::size_t at : order) {
    const Index user = test.user[at];
    const Index item = test.item[at];
    const bool relevant = test.rating[at] >= metrics.options.relevance;
    if (!model.knows_user(user)) {
      if (relevant) ++metrics.relevant_unknown_users;
      continue;
    }
    const auto row = seen.row(user);
    if (std::binary_search(row.begin(), row.end(), item)) continue;
    if (user != present) {
      close();
      users.emplace_back().user = user;
      present = user;
    }
    if (!model.knows_item(item)) {
      if (relevant) ++users.back().missed;
      continue;
    }
    users.back().rated.push_back(item);
    if (relevant) users.back().relevant.push_back(item);
  }
  close();
  metrics.users = std::ssize(users);
  return users;
}

}  // namespace tusk
