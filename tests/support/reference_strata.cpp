#include "tests/support/reference_strata.hpp"

#include <vector>

#include "backend/backend.hpp"
#include "backend/block_order.hpp"
#include "cuda/visit_order.hpp"

namespace tusk::test {
namespace {

std::vector<Index> inverse(const std::vector<Index>& row) {
  std::vector<Index> id(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    id[static_cast<std::size_t>(row[i])] = static_cast<Index>(i);
  }
  return id;
}

}  // namespace

double train_strata(ReferenceModel& model, const MfParams& params, const StrataRatings& ratings,
                    const LabelSet& train, std::uint64_t epoch) {
  const std::vector<Index> user_of = inverse(ratings.user_row);
  const std::vector<Index> item_of = inverse(ratings.item_row);
  const BlockOrder order = draw_block_order(params.seed, epoch, ratings.stripes);
  double squared_error = 0;
  for (const int round : order.round) {
    for (int w = 0; w < ratings.stripes; ++w) {
      const auto us = static_cast<std::size_t>(order.user_stripe[static_cast<std::size_t>(w)]);
      const auto is = static_cast<std::size_t>(order.item_stripe_of(w, round));
      const std::size_t block = us * static_cast<std::size_t>(ratings.stripes) + is;
      const auto first = static_cast<std::size_t>(ratings.first[block]);
      const auto count = static_cast<std::size_t>(ratings.first[block + 1]) - first;
      if (count == 0) continue;
      const std::size_t start =
          block_start(params.seed, epoch, block, static_cast<std::uint32_t>(count));
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t at = first + (start + k) % count;
        if (!ratings.label.empty() && !train.test(ratings.label[at])) continue;
        const BlockRating& rating = ratings.rating[at];
        const auto user = static_cast<std::size_t>(ratings.first_user_row[us] + rating.user);
        const auto item = static_cast<std::size_t>(ratings.first_item_row[is] + rating.item);
        const double error =
            model.update(params, user_of[user], item_of[item], static_cast<double>(rating.value));
        squared_error += error * error;
      }
    }
  }
  return squared_error;
}

}  // namespace tusk::test
