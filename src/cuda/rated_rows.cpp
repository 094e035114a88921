#include "cuda/rated_rows.hpp"

namespace tusk {

RatedRows find_rated_rows(CsrView ratings, std::span<const Label> label, const LabelSet& part,
                          ThreadPool& threads) {
  constexpr std::int64_t kUsersPerTask = 1024;
  const auto users = static_cast<std::int64_t>(ratings.rows());
  const std::vector<std::uint8_t> no_item(static_cast<std::size_t>(ratings.columns), 0);
  std::vector<std::vector<std::uint8_t>> item_by_thread(static_cast<std::size_t>(threads.threads()),
                                                        no_item);
  RatedRows rated{std::vector<std::uint8_t>(static_cast<std::size_t>(users), 0), no_item};
  threads.parallel_chunks(users, kUsersPerTask, [&](std::int64_t user, int thread) {
    auto& item = item_by_thread[static_cast<std::size_t>(thread)];
    const auto u = static_cast<std::size_t>(user);
    for (auto k = ratings.offset[u]; k < ratings.offset[u + 1]; ++k) {
      const auto at = static_cast<std::size_t>(k);
      if (!part.test(label[at])) continue;
      rated.user[u] = 1;
      item[static_cast<std::size_t>(ratings.column[at])] = 1;
    }
  });
  for (const auto& item : item_by_thread) {
    for (std::size_t i = 0; i < item.size(); ++i) rated.item[i] |= item[i];
  }
  return rated;
}

}  // namespace tusk
