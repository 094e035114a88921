// Data sets for tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/synthetic.hpp>

namespace tusk::test {

struct Rating {
  Index user;
  Index item;
  float value;
  std::int64_t timestamp = 0;
};

// Ratings of users 0 .. users - 1 and items 0 .. items - 1, whose ids are those numbers.
Dataset make_dataset(Index users, Index items, const std::vector<Rating>& ratings);

// Ratings of which no two share a user or an item, so that training on them in any order gives one
// result.
std::vector<Rating> commuting_ratings(Index count);

// 0 .. count - 1.
std::vector<Index> first_indices(Index count);

// What a file of this text and name is read as.
Dataset read_text(const std::string& text, const ReadOptions& options = {},
                  const std::string& name = "ratings.txt");

// About `ratings` ratings by a low-rank model with noise, of items that have genres.
Dataset random_dataset(Index users, Index items, std::int64_t ratings, std::uint64_t seed);

// A small synthetic data set: 200 users, 120 items, 5,000 ratings.
SyntheticSpec small_spec();

// Whether this is a build with AddressSanitizer or ThreadSanitizer, in which long training takes
// minutes.
constexpr bool sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

// A folder of real data, "ml-100k" or "ml-latest-small": in $TUSK_TEST_DATA, ./data or
// ../shared/datasets. Tests that want one skip where there is none.
std::optional<std::filesystem::path> real_data(const char* name);

}  // namespace tusk::test

// Skips the test, saying why, where the data set is not on this machine.
#define TUSK_REAL_DATA(variable, name)                                                      \
  const auto variable##_found = ::tusk::test::real_data(name);                              \
  if (!variable##_found) {                                                                  \
    GTEST_SKIP() << name << " is not here; set TUSK_TEST_DATA to the folder that holds it"; \
  }                                                                                         \
  const std::filesystem::path& variable = *variable##_found
