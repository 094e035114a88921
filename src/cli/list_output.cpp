#include "cli/list_output.hpp"

#include <cmath>
#include <string>

#include <fmt/format.h>

#include <tusk/figures.hpp>

#include "support/text.hpp"

namespace tusk::cli {
namespace {

// "Heat (1995) 4.5 (+0.12), ..."; nothing of reasons that add less than is shown.
std::string reasons_text(const Model& model, const Recommendation& recommendation) {
  std::string text;
  constexpr float kLeastShown = 0.005f;
  for (const Contribution& reason : recommendation.reasons) {
    if (std::abs(reason.part) < kLeastShown) continue;
    const std::string title = title_of(model, reason.item);
    text += fmt::format(
        "{}{}{} ({:+.2f})", text.empty() ? "" : ", ",
        title.empty() ? "item " + model.items.id(reason.item) : title,
        std::isnan(reason.rating) ? "" : " " + rating_text(reason.rating, model.scale()),
        reason.part);
  }
  return text;
}

}  // namespace

void ListOutput::add_header() const {
  if (table_) {
    table_->write_header(model_);
  } else {
    console_.print("{}{:>4}  {:<6}  {}{:>8}  title", many_ ? "    user  " : "", "rank",
                   predicts_ratings(model_) ? "rating" : "score", deviation_column("+-"), "item");
  }
}

void ListOutput::add(std::string_view user, std::span<const Recommendation> list,
                     std::int64_t folded_from) {
  ++lists_;
  rows_ += std::ssize(list);
  if (list.empty()) ++empty_lists_;
  if (!list.empty() && list.front().evidence == Evidence::global) ++global_lists_;
  for (std::size_t r = 0; r < list.size(); ++r) {
    if (!list[r].reasons.empty()) ++explained_rows_;
    RecommendationRow row{user, r + 1, list[r], folded_from};
    if (list[r].evidence == Evidence::global) add_popularity(row);
    if (table_) {
      table_->write(model_, row);
    } else if (console_.json()) {
      console_.event(to_json(model_, row));
    } else {
      print(row);
    }
  }
}

std::string ListOutput::shown_value(const Recommendation& recommendation) const {
  if (predicts_ratings(model_)) {
    return rating_text(recommendation.rating, model_.scale());
  }
  return fmt::format("{:.4g}", recommendation.score);
}

// Of models that know deviations alone.
std::string ListOutput::deviation_column(std::string_view text) const {
  return model_.learned().knows_deviations() ? fmt::format("{:<6}  ", text) : "";
}

void ListOutput::add_popularity(RecommendationRow& row) {
  if (ratings_.empty()) ratings_ = model_.ratings_of_items();
  const auto item = static_cast<std::size_t>(row.recommendation.item);
  row.ratings = ratings_[item];
  if (!model_.popularity.trend.empty()) row.trend = model_.popularity.trend[item];
}

void ListOutput::print(const RecommendationRow& row) const {
  const Index item = row.recommendation.item;
  const auto genres = model_.catalogue.genres[static_cast<std::size_t>(item)];
  const std::string user = many_ ? fmt::format("{:>8}  ", row.user) : "";
  std::string parts;  // and on what a list for anybody rests
  for (const PartRank& part : row.recommendation.parts) {
    parts += fmt::format("{}{} {}", parts.empty() ? "  (" : ", ", part.part, part.rank);
  }
  if (!parts.empty()) parts += ')';
  if (row.ratings > 0) parts += fmt::format("  ({})", count_text(row.ratings, "rating"));
  const std::optional<float> deviation = row.recommendation.deviation;
  console_.print("{}{:>4}  {:<6}  {}{:>8}  {}{}{}", user, row.rank, shown_value(row.recommendation),
                 deviation_column(deviation ? rating_text(*deviation, model_.scale()) : ""),
                 model_.items.id(item), title_of(model_, item),
                 genres.empty() ? "" : fmt::format("  [{}]", genres), parts);
  if (const std::string reasons = reasons_text(model_, row.recommendation); !reasons.empty()) {
    console_.print("{:>{}}because of {}", "", user.size() + 24, reasons);
  }
}

}  // namespace tusk::cli
