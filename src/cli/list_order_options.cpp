#include "cli/list_order_options.hpp"

#include <fmt/format.h>

namespace tusk::cli {

void ListOrderFlags::declare(CLI::App& app, const std::string& group) {
  app.add_option(
         "--rank-by", by_,
         "order lists by the predicted rating, or those of user-knn and item-knn by the sum "
         "over neighbours of similarity times rating (less its centre, by --centring): rating, sum")
      ->capture_default_str()
      ->group(group);
  app.add_option(
         "--support-prior", prior_,
         "S[:SCORE]: for the order of lists, the score of an item with n training ratings is "
         "drawn towards SCORE by n / (n + S), so that items few have rated come later; SCORE "
         "is the middle of the scale if not given, or 0 with --rank-by sum")
      ->capture_default_str()
      ->group(group);
}

ListOrder ListOrderFlags::order() const {
  return {parse_rank_by(by_), parse_support_prior(prior_)};
}

std::string order_text(const ListOrder& order) {
  const std::string by = fmt::format("ranked by {}", to_string(order.by));
  if (order.prior.strength == 0) return by;
  return fmt::format("{} with support prior {}", by, to_string(order.prior));
}

}  // namespace tusk::cli
