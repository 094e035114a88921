#include "evaluation/list_diversity.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "catalogue/genres.hpp"

namespace tusk {

ListDiversity::ListDiversity(const Model& model, const CommonOrder* common) {
  std::map<std::string, std::size_t, std::less<>> number;
  for (std::size_t item = 0; item < model.catalogue.genres.size(); ++item) {
    auto& genres = genres_of_.emplace_back();
    each_genre(model.catalogue.genres[item], [&](std::string_view genre) {
      genres.push_back(number.try_emplace(std::string(genre), number.size()).first->second);
    });
    std::sort(genres.begin(), genres.end());
    genres.erase(std::unique(genres.begin(), genres.end()), genres.end());
  }
  genres_ = number.size();
  if (common == nullptr || genres_ == 0) return;
  before_.push_back(group_of({}));
  for (const Index item : common->items()) {
    before_.push_back(before_.back());
    add_item(before_.back(), item, 1);
  }
}

void ListDiversity::add_item(Group& group, Index item, double weight) const {
  group.items += weight;
  const auto& genres = genres_of_[static_cast<std::size_t>(item)];
  if (genres.empty()) return;
  group.squares += weight;
  const double part = weight / std::sqrt(static_cast<double>(genres.size()));
  for (const std::size_t genre : genres) group.sum[genre] += part;
}

ListDiversity::Group ListDiversity::group_of(std::span<const Index> items) const {
  Group group{std::vector<double>(genres_, 0), 0, 0};
  for (const Index item : items) add_item(group, item, 1);
  return group;
}

void ListDiversity::add(std::span<const Index> items) {
  if (genres_ > 0) add_list(group_of(items), group_of({}), 0);
}

void ListDiversity::add_tied(std::span<const Index> items, std::span<const Index> tied,
                             std::int64_t places) {
  if (genres_ > 0) add_list(group_of(items), group_of(tied), static_cast<double>(places));
}

void ListDiversity::add_range(std::span<const Index> items, CommonOrder::Range range,
                              std::span<const Index> excluded, std::int64_t places) {
  if (genres_ == 0) return;
  Group tied = before_[range.last];
  const Group& before = before_[range.first];
  for (std::size_t genre = 0; genre < genres_; ++genre) tied.sum[genre] -= before.sum[genre];
  tied.squares -= before.squares;
  tied.items -= before.items;
  for (const Index item : excluded) add_item(tied, item, -1);
  add_list(group_of(items), tied, static_cast<double>(places));
}

void ListDiversity::add_list(const Group& sure, const Group& tied, double places) {
  const double items = sure.items + places;
  if (items < 2) return;
  const auto product = [](const Group& a, const Group& b) {
    return std::inner_product(a.sum.begin(), a.sum.end(), b.sum.begin(), 0.0);
  };
  // Sums over ordered pairs of different items: both for sure, one of each kind, both tied.
  double alike = product(sure, sure) - sure.squares;
  if (places > 0) {
    alike += 2 * places / tied.items * product(sure, tied);
    const double both = places * (places - 1) / (tied.items * (tied.items - 1));
    alike += both * (product(tied, tied) - tied.squares);
  }
  sum_ += 1 - alike / (items * (items - 1));
  ++lists_;
}

std::optional<double> ListDiversity::mean() const {
  if (genres_ == 0) return std::nullopt;
  return lists_ > 0 ? sum_ / lists_ : std::nan("");
}

}  // namespace tusk
