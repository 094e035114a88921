#include "cli/list_order_options.hpp"

#include <fmt/format.h>

namespace tusk::cli {

void ListOrderFlags::declare(CLI::App& app, const std::string& group) {
  by_option_ =
      app.add_option(
             "--rank-by", by_,
             "order lists by the predicted rating, or those of user-knn and item-knn by the sum "
             "over neighbours of similarity times rating (less its centre, by --centring): rating, "
             "sum")
          ->capture_default_str()
          ->group(group);
  prior_option_ =
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

Settings ListOrderFlags::given() const {
  Settings settings;
  if (by_option_->count() > 0) settings.emplace_back("rank-by", by_);
  if (prior_option_->count() > 0) settings.emplace_back("support-prior", prior_);
  return settings;
}

}  // namespace tusk::cli
