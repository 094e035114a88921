#include "cuda/strata_ratings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/philox.hpp"

namespace tusk {
namespace {

// So that rows without ratings do not all end up in one stripe.
std::vector<std::int64_t> at_least_one(std::vector<std::int64_t> count) {
  for (std::int64_t& c : count) c = std::max<std::int64_t>(c, 1);
  return count;
}

// The first row of each stripe, and one more at the end.
std::vector<Index> first_rows(const Stripes& divided, int stripes) {
  std::vector<Index> first(static_cast<std::size_t>(stripes) + 1, 0);
  for (const int stripe : divided.stripe) ++first[static_cast<std::size_t>(stripe) + 1];
  const Index largest = *std::max_element(first.begin(), first.end());
  if (largest > kMostRowsOfStripe) {
    throw DeviceError(
        fmt::format("deterministic training on a GPU takes at most about {} users and as many "
                    "items in {} stripes; train without it, or on the CPU",
                    static_cast<std::int64_t>(kMostRowsOfStripe) * stripes, stripes));
  }
  std::partial_sum(first.begin(), first.end(), first.begin());
  return first;
}

}  // namespace

int strata_stripes(std::int64_t ratings, Index users, Index items) {
  constexpr double kRatingsPerBlock = 64;
  constexpr int kMostStripes = 320;
  const auto wanted =
      static_cast<std::int64_t>(std::sqrt(static_cast<double>(ratings) / kRatingsPerBlock));
  return static_cast<int>(
      std::max<std::int64_t>(1, std::min<std::int64_t>({wanted, kMostStripes, users, items})));
}

StrataRatings pack_strata(CsrView ratings, std::span<const Label> label, const LabelSet& part,
                          bool keep_labels, ThreadPool& threads) {
  std::vector<std::int64_t> user_count(static_cast<std::size_t>(ratings.rows()), 0);
  std::vector<std::int64_t> item_count(static_cast<std::size_t>(ratings.columns), 0);
  ratings.each([&](Index user, std::size_t at) {
    if (!part.test(label[at])) return;
    ++user_count[static_cast<std::size_t>(user)];
    ++item_count[static_cast<std::size_t>(ratings.column[at])];
  });
  const auto total = std::accumulate(user_count.begin(), user_count.end(), std::int64_t{0});
  StrataRatings packed;
  packed.stripes = strata_stripes(total, ratings.rows(), ratings.columns);
  const auto stripes = static_cast<std::size_t>(packed.stripes);
  Stripes users = balance_stripes(at_least_one(user_count), packed.stripes);
  Stripes items = balance_stripes(at_least_one(item_count), packed.stripes);
  packed.first_user_row = first_rows(users, packed.stripes);
  packed.first_item_row = first_rows(items, packed.stripes);
  const std::vector<Index> user_of_row = ids_of_rows(users.row);

  // A task is a user stripe, whose blocks no other task touches.
  const auto each_rating = [&](std::size_t stripe, const auto& visit) {
    for (Index row = packed.first_user_row[stripe]; row < packed.first_user_row[stripe + 1];
         ++row) {
      const auto user = static_cast<std::size_t>(user_of_row[static_cast<std::size_t>(row)]);
      for (auto k = ratings.offset[user]; k < ratings.offset[user + 1]; ++k) {
        const auto at = static_cast<std::size_t>(k);
        if (!part.test(label[at])) continue;
        const auto item = static_cast<std::size_t>(ratings.column[at]);
        const auto item_stripe = static_cast<std::size_t>(items.stripe[item]);
        visit(stripe * stripes + item_stripe, at,
              BlockRating{
                  static_cast<std::uint16_t>(row - packed.first_user_row[stripe]),
                  static_cast<std::uint16_t>(items.row[item] - packed.first_item_row[item_stripe]),
                  ratings.value[at]});
      }
    }
  };
  packed.first.assign(stripes * stripes + 1, 0);
  threads.parallel_for(packed.stripes, [&](std::int64_t stripe, int) {
    each_rating(
        static_cast<std::size_t>(stripe),
        [&](std::size_t block, std::size_t, const BlockRating&) { ++packed.first[block + 1]; });
  });
  std::partial_sum(packed.first.begin(), packed.first.end(), packed.first.begin());

  const auto size = static_cast<std::size_t>(total);
  packed.rating = LargeArray<BlockRating>(size);
  if (keep_labels) packed.label = LargeArray<Label>(size);
  threads.parallel_for(packed.stripes, [&](std::int64_t task, int) {
    const auto stripe = static_cast<std::size_t>(task);
    std::vector<std::int64_t> next(packed.first.begin() + task * packed.stripes,
                                   packed.first.begin() + (task + 1) * packed.stripes);
    each_rating(stripe, [&](std::size_t block, std::size_t at, const BlockRating& rating) {
      const auto to = static_cast<std::size_t>(next[block - stripe * stripes]++);
      packed.rating[to] = rating;
      if (keep_labels) packed.label[to] = label[at];
    });
    struct Labelled {
      BlockRating rating;
      Label label = 0;
    };
    std::vector<Labelled> of_block;
    for (std::size_t block = stripe * stripes; block < (stripe + 1) * stripes; ++block) {
      const auto first = static_cast<std::size_t>(packed.first[block]);
      of_block.resize(static_cast<std::size_t>(packed.first[block + 1]) - first);
      for (std::size_t n = 0; n < of_block.size(); ++n) {
        of_block[n].rating = packed.rating[first + n];
        if (keep_labels) of_block[n].label = packed.label[first + n];
      }
      RandomSequence(0, random_stream(RandomUse::rating_order, block)).shuffle(of_block);
      std::stable_sort(of_block.begin(), of_block.end(), [](const Labelled& a, const Labelled& b) {
        return a.rating.item < b.rating.item;
      });
      for (std::size_t n = 0; n < of_block.size(); ++n) {
        packed.rating[first + n] = of_block[n].rating;
        if (keep_labels) packed.label[first + n] = of_block[n].label;
      }
    }
  });
  packed.user_row = std::move(users.row);
  packed.item_row = std::move(items.row);
  return packed;
}

}  // namespace tusk
