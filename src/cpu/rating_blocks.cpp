#include "cpu/rating_blocks.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "support/philox.hpp"

namespace tusk {
namespace {

// Enough blocks that threads find work, few enough that a block is worth a thread's while.
int choose_stripes(std::int64_t ratings, Index users, Index items) {
  constexpr double kRatingsPerBlock = 2048;
  constexpr int kMostStripes = 32;
  const auto wanted = static_cast<int>(std::sqrt(static_cast<double>(ratings) / kRatingsPerBlock));
  return std::max(
      1, std::min({wanted, kMostStripes, static_cast<int>(users), static_cast<int>(items)}));
}

// Gives each row a stripe so that the stripes' sums of counts are nearly equal: the largest count
// first, each to the stripe with least.
std::vector<int> balance(const std::vector<std::int64_t>& count, int stripes) {
  std::vector<std::size_t> order(count.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return count[a] > count[b]; });
  std::vector<std::int64_t> load(static_cast<std::size_t>(stripes), 0);
  std::vector<int> stripe(count.size());
  for (const std::size_t row : order) {
    const auto least = std::min_element(load.begin(), load.end());
    stripe[row] = static_cast<int>(least - load.begin());
    *least += count[row];
  }
  return stripe;
}

}  // namespace

RatingBlocks::RatingBlocks(CsrView ratings, std::span<const Label> label, const LabelSet& part,
                           bool keep_labels) {
  const auto users = static_cast<std::size_t>(ratings.rows());
  std::vector<std::int64_t> user_count(users, 0);
  std::vector<std::int64_t> item_count(static_cast<std::size_t>(ratings.columns), 0);
  const auto each_rating = [&](std::size_t user, const auto& visit) {
    for (auto k = ratings.offset[user]; k < ratings.offset[user + 1]; ++k) {
      const auto at = static_cast<std::size_t>(k);
      if (part.test(label[at])) visit(at, static_cast<std::size_t>(ratings.column[at]));
    }
  };
  for (std::size_t u = 0; u < users; ++u) {
    each_rating(u, [&](std::size_t, std::size_t item) {
      ++user_count[u];
      ++item_count[item];
    });
  }
  const auto total = std::accumulate(item_count.begin(), item_count.end(), std::int64_t{0});
  stripes_ = choose_stripes(total, ratings.rows(), ratings.columns);
  const auto stripes = static_cast<std::size_t>(stripes_);
  const std::vector<int> user_stripe = balance(user_count, stripes_);
  const std::vector<int> item_stripe = balance(item_count, stripes_);
  const auto block_of = [&](std::size_t user, std::size_t item) {
    return static_cast<std::size_t>(user_stripe[user]) * stripes +
           static_cast<std::size_t>(item_stripe[item]);
  };

  // First the sizes of the blocks in ratings and runs, then everything into its place.
  constexpr auto kNobody = static_cast<std::size_t>(-1);
  std::vector<std::size_t> last_user(stripes * stripes, kNobody);
  std::vector<std::int64_t> next_rating(stripes * stripes + 1, 0);
  first_run_.assign(stripes * stripes + 1, 0);
  for (std::size_t u = 0; u < users; ++u) {
    each_rating(u, [&](std::size_t, std::size_t item) {
      const std::size_t block = block_of(u, item);
      ++next_rating[block + 1];
      if (std::exchange(last_user[block], u) != u) ++first_run_[block + 1];
    });
  }
  std::partial_sum(next_rating.begin(), next_rating.end(), next_rating.begin());
  std::partial_sum(first_run_.begin(), first_run_.end(), first_run_.begin());
  std::vector<std::int64_t> next_run(first_run_.begin(), first_run_.end() - 1);
  runs_.resize(static_cast<std::size_t>(first_run_.back()));
  item_.resize(static_cast<std::size_t>(total));
  rating_.resize(item_.size());
  if (keep_labels) label_.resize(item_.size());

  last_user.assign(stripes * stripes, kNobody);
  std::vector<std::size_t> shuffled;
  for (std::size_t u = 0; u < users; ++u) {
    shuffled.clear();
    each_rating(u, [&](std::size_t at, std::size_t) { shuffled.push_back(at); });
    RandomSequence(0, random_stream(RandomUse::rating_order, u)).shuffle(shuffled);
    for (const std::size_t at : shuffled) {
      const std::size_t block = block_of(u, static_cast<std::size_t>(ratings.column[at]));
      const std::int64_t place = next_rating[block]++;
      if (std::exchange(last_user[block], u) != u) {
        runs_[static_cast<std::size_t>(next_run[block]++)] = {place, static_cast<Index>(u), 0};
      }
      ++runs_[static_cast<std::size_t>(next_run[block] - 1)].count;
      item_[static_cast<std::size_t>(place)] = ratings.column[at];
      rating_[static_cast<std::size_t>(place)] = ratings.value[at];
      if (keep_labels) label_[static_cast<std::size_t>(place)] = label[at];
    }
  }
}

std::span<const UserRun> RatingBlocks::runs(int user_stripe, int item_stripe) const {
  const auto block = static_cast<std::size_t>(user_stripe * stripes_ + item_stripe);
  const auto first = static_cast<std::size_t>(first_run_[block]);
  const auto end = static_cast<std::size_t>(first_run_[block + 1]);
  return std::span(runs_).subspan(first, end - first);
}

}  // namespace tusk
