#include "tests/support/datasets.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "support/philox.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk::test {

std::vector<Index> first_indices(Index count) {
  std::vector<Index> items(static_cast<std::size_t>(count));
  std::iota(items.begin(), items.end(), 0);
  return items;
}

Dataset read_text(const std::string& text, const ReadOptions& options, const std::string& name) {
  const TempFolder folder;
  return read_dataset(folder.write(name, text), options);
}

Dataset make_dataset(Index users, Index items, const std::vector<Rating>& ratings) {
  const auto ids = [](Index count) {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
    return IdMap(numbers);
  };
  auto sorted = ratings;
  std::sort(sorted.begin(), sorted.end(), [](const Rating& a, const Rating& b) {
    return a.user != b.user ? a.user < b.user : a.item < b.item;
  });
  Dataset data;
  data.source = "test";
  data.users = ids(users);
  data.items = ids(items);
  data.offset.assign(static_cast<std::size_t>(users) + 1, 0);
  for (const Rating& rating : sorted) {
    ++data.offset[static_cast<std::size_t>(rating.user) + 1];
    data.item.push_back(rating.item);
    data.rating.push_back(rating.value);
    data.timestamp.push_back(rating.timestamp);
  }
  std::partial_sum(data.offset.begin(), data.offset.end(), data.offset.begin());
  if (!sorted.empty()) {
    const auto [low, high] = std::minmax_element(data.rating.begin(), data.rating.end());
    data.scale = {*low, *high};
  }
  data.catalogue = {TextTable(static_cast<std::size_t>(items)),
                    TextTable(static_cast<std::size_t>(items))};
  return data;
}

std::vector<Rating> commuting_ratings(Index count) {
  std::vector<Rating> ratings;
  for (Index n = 0; n < count; ++n) {
    ratings.push_back({n, count - 1 - n, 1.0f + static_cast<float>(n % 5)});
  }
  return ratings;
}

Dataset random_dataset(Index users, Index items, std::int64_t ratings, std::uint64_t seed) {
  RandomSequence random(seed, 0);
  std::vector<float> user_taste(static_cast<std::size_t>(users));
  std::vector<float> item_taste(static_cast<std::size_t>(items));
  for (float& t : user_taste) t = static_cast<float>(random.uniform()) * 2 - 1;
  for (float& t : item_taste) t = static_cast<float>(random.uniform()) * 2 - 1;
  const double chance = static_cast<double>(ratings) / (static_cast<double>(users) * items);
  std::vector<Rating> list;
  for (Index u = 0; u < users; ++u) {
    for (Index i = 0; i < items; ++i) {
      if (random.uniform() >= chance) continue;
      const double taste =
          3 + user_taste[static_cast<std::size_t>(u)] +
          2 * user_taste[static_cast<std::size_t>(u)] * item_taste[static_cast<std::size_t>(i)] +
          random.uniform() - 0.5;
      const auto value = static_cast<float>(std::clamp(std::round(taste), 1.0, 5.0));
      list.push_back({u, i, value, static_cast<std::int64_t>(random.below(20))});
    }
  }
  Dataset data = make_dataset(users, items, list);
  data.catalogue = {};
  for (Index i = 0; i < items; ++i) {
    data.catalogue.title.push_back("");
    data.catalogue.genres.push_back(i % 3 == 0 ? "Comedy" : i % 3 == 1 ? "Drama" : "Comedy|War");
  }
  return data;
}

SyntheticSpec small_spec() {
  SyntheticSpec spec = synthetic_spec("ml-100k");
  spec.users = 200;
  spec.items = 120;
  spec.ratings = 5000;
  spec.min_user_ratings = 5;
  spec.max_user_ratings = 100;
  return spec;
}

std::optional<std::filesystem::path> real_data(const char* name) {
  std::vector<std::filesystem::path> places;
  if (const char* set = std::getenv("TUSK_TEST_DATA")) places.emplace_back(set);
  const std::filesystem::path source = source_folder();
  places.push_back(source / "data");
  places.push_back(source / "../shared/datasets");
  for (const auto& place : places) {
    if (std::filesystem::is_directory(place / name)) return place / name;
  }
  return std::nullopt;
}

}  // namespace tusk::test
