// How unlike the items of lists are, where items tie, too.
#include "evaluation/list_diversity.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "train/bias_model.hpp"

namespace tusk::list_diversity_tests {
namespace {

const std::vector<std::string> kGenres = {"War", "War|Drama", "Comedy",       "Comedy|Drama|War",
                                          "",    "Drama",     "Comedy|Drama", "War|War"};

Model model_of(const std::vector<std::string>& genres) {
  Model model;
  for (const std::string& of_item : genres) {
    model.catalogue.title.push_back("");
    model.catalogue.genres.push_back(of_item);
  }
  return model;
}

std::set<std::string> split(const std::string& genres) {
  std::set<std::string> names;
  for (std::size_t begin = 0; begin < genres.size();) {
    const std::size_t end = std::min(genres.find('|', begin), genres.size());
    names.insert(genres.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

double by_pairs(const std::vector<Index>& items) {
  double sum = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const auto a = split(kGenres[static_cast<std::size_t>(items[i])]);
      const auto b = split(kGenres[static_cast<std::size_t>(items[j])]);
      const auto both =
          std::count_if(a.begin(), a.end(), [&](const auto& g) { return b.contains(g); });
      const double product = static_cast<double>(a.size()) * static_cast<double>(b.size());
      sum += product > 0 ? 1 - static_cast<double>(both) / std::sqrt(product) : 1;
      pairs += 1;
    }
  }
  return sum / pairs;
}

TEST(ListDiversity, IsTheMeanOverPairs) {
  const Model model = model_of(kGenres);
  ListDiversity two(model, nullptr);
  two.add(std::vector<Index>{0, 1, 2, 4});
  two.add(std::vector<Index>{0, 7});
  EXPECT_NEAR(two.mean().value(), (by_pairs({0, 1, 2, 4}) + 0) / 2, 1e-12);
  two.add(std::vector<Index>{5});
  two.add(std::vector<Index>());
  EXPECT_NEAR(two.mean().value(), by_pairs({0, 1, 2, 4}) / 2, 1e-12) << "a list of one has no pair";
}

TEST(ListDiversity, IsNoNumberWithoutAPair) {
  const Model model = model_of(kGenres);
  ListDiversity none(model, nullptr);
  EXPECT_TRUE(std::isnan(none.mean().value()));
  none.add(std::vector<Index>{3});
  EXPECT_TRUE(std::isnan(none.mean().value()));
}

TEST(ListDiversity, IsNotThereWithoutGenres) {
  const Model model = model_of(std::vector<std::string>(8, ""));
  ListDiversity none(model, nullptr);
  none.add(std::vector<Index>{0, 1});
  EXPECT_FALSE(none.mean());
  const Model bare;
  ListDiversity of_nothing(bare, nullptr);
  of_nothing.add_tied({}, std::vector<Index>{1, 2, 3}, 2);
  EXPECT_FALSE(of_nothing.mean());
}

// The mean over all choices of `places` of the tied items.
double by_choices(const std::vector<Index>& sure, const std::vector<Index>& tied, int places) {
  double sum = 0;
  double choices = 0;
  for (unsigned mask = 0; mask < 1u << tied.size(); ++mask) {
    std::vector<Index> list = sure;
    for (std::size_t t = 0; t < tied.size(); ++t) {
      if ((mask >> t & 1) != 0) list.push_back(tied[t]);
    }
    if (list.size() != sure.size() + static_cast<std::size_t>(places)) continue;
    sum += by_pairs(list);
    choices += 1;
  }
  return sum / choices;
}

TEST(ListDiversity, IsExpectedOverTheOrdersOfTies) {
  const Model model = model_of(kGenres);
  const std::vector<Index> tied = {1, 3, 4, 5, 6};
  for (const auto& sure : {std::vector<Index>{}, std::vector<Index>{0}, std::vector<Index>{0, 2}}) {
    for (int places = 1; places < 5; ++places) {
      if (sure.size() + static_cast<std::size_t>(places) < 2) continue;
      ListDiversity diversity(model, nullptr);
      diversity.add_tied(sure, tied, places);
      EXPECT_NEAR(diversity.mean().value(), by_choices(sure, tied, places), 1e-12) << places;
    }
  }
}

TEST(ListDiversity, OfOneOrderForAllIsThatOfItsItems) {
  const Model model = model_of(kGenres);
  // Item 2 first, then all others alike.
  const MfState state = fit_counts(1, {1, 1, 9, 1, 1, 1, 1, 1});
  const std::vector<Index> catalogue = {0, 1, 2, 3, 4, 5, 6, 7};
  const CommonOrder order(state, catalogue);
  ListDiversity diversity(model, &order);
  diversity.add_range(std::vector<Index>{2}, order.with_score(0, 1), std::vector<Index>{0, 6}, 3);
  EXPECT_NEAR(diversity.mean().value(), by_choices({2}, {1, 3, 4, 5, 7}, 3), 1e-12);
}

}  // namespace
}  // namespace tusk::list_diversity_tests
