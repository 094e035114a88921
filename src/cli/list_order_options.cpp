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

std::vector<std::string> order_options() { return {"rank-by", "support-prior"}; }

bool is_order_option(std::string_view name) { return name == "rank-by" || name == "support-prior"; }

bool set_order_option(ListOrder& order, std::string_view name, std::string_view value) {
  if (name == "rank-by") order.by = parse_rank_by(value);
  if (name == "support-prior") order.prior = parse_support_prior(value);
  return is_order_option(name);
}

std::string order_text(const ListOrder& order) {
  const std::string by = fmt::format("ranked by {}", to_string(order.by));
  if (order.prior.strength == 0) return by;
  return fmt::format("{} with support prior {}", by, to_string(order.prior));
}

}  // namespace tusk::cli
