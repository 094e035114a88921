#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "data/id_dictionary.hpp"

namespace tusk {
namespace {

struct Dense {
  IdMap map;
  std::vector<Index> index;  // one per id
};

// The ids cut into `parts` dictionaries and merged again.
Dense dense(const std::vector<std::string>& ids, std::size_t parts = 1) {
  std::vector<IdDictionary> dictionaries(parts);
  std::vector<std::pair<std::size_t, std::uint32_t>> place;
  for (std::size_t n = 0; n < ids.size(); ++n) {
    const std::size_t part = n * parts / ids.size();
    place.emplace_back(part, dictionaries[part].number(std::string_view(ids[n])));
  }
  std::vector<const IdDictionary*> all;
  for (const IdDictionary& dictionary : dictionaries) all.push_back(&dictionary);
  NumberedIds merged = number_ids(all);
  Dense dense{std::move(merged.map), {}};
  for (const auto& [part, number] : place) dense.index.push_back(merged.index[part][number]);
  return dense;
}

std::vector<std::string> names(const IdMap& map) {
  std::vector<std::string> list;
  for (Index i = 0; i < map.size(); ++i) list.push_back(map.id(i));
  return list;
}

using Names = std::vector<std::string>;
using Indices = std::vector<Index>;

TEST(IdDictionary, OrdersNumbersAsNumbers) {
  const auto [map, index] = dense({"10", "9", "-3", "10", "100"});
  EXPECT_TRUE(map.numeric());
  EXPECT_EQ(names(map), (Names{"-3", "9", "10", "100"}));
  EXPECT_EQ(index, (Indices{2, 1, 0, 2, 3}));
}

TEST(IdDictionary, KeepsFarApartNumbers) {
  const auto [map, index] = dense({"9223372036854775807", "-9223372036854775808", "0"});
  EXPECT_TRUE(map.numeric());
  EXPECT_EQ(names(map), (Names{"-9223372036854775808", "0", "9223372036854775807"}));
  EXPECT_EQ(index, (Indices{2, 0, 1}));
}

TEST(IdDictionary, KeepsTextAsGivenOnceAnyIdIsText) {
  const auto [map, index] = dense({"10", "9", "b7", "10", "007"});
  EXPECT_FALSE(map.numeric());
  EXPECT_EQ(names(map), (Names{"007", "10", "9", "b7"}));
  EXPECT_EQ(index, (Indices{1, 2, 3, 1, 0}));
}

TEST(IdDictionary, TakesNumbersThatDoNotFitAsText) {
  const auto [map, index] = dense({"1", "9223372036854775808"});
  EXPECT_FALSE(map.numeric());
  EXPECT_EQ(names(map), (Names{"1", "9223372036854775808"}));
}

TEST(IdDictionary, DoesNotTakeOtherWritingsOfANumberForIt) {
  for (const char* id : {"+5", "05", "-0", "5.0", " 5", "5e0", "0x5", "-", ""}) {
    std::int64_t value = 0;
    EXPECT_FALSE(parse_canonical(id, value)) << id;
  }
}

TEST(IdDictionary, PartsMakeNoDifference) {
  std::vector<std::string> ids;
  for (int n = 0; n < 3'000; ++n) ids.push_back(std::to_string(n * 7919 % 1009));
  for (const std::string& odd : {std::string("12345678901234"), std::string("x")}) {
    const auto [map, index] = dense(ids);
    for (const std::size_t parts : {2u, 3u, 7u}) {
      const auto [same_map, same_index] = dense(ids, parts);
      EXPECT_EQ(names(same_map), names(map));
      EXPECT_EQ(same_index, index);
    }
    ids[1'500] = odd;
  }
  EXPECT_FALSE(dense(ids, 5).map.numeric()) << "one part has a text";
}

TEST(IdDictionary, KeepsSmallAndLargeNumbersApart) {
  IdDictionary ids;
  std::vector<std::int64_t> given;
  for (std::int64_t n = 0; n < 5'000; ++n) {
    const std::int64_t id = n * 7919 % 5'003;
    given.insert(given.end(), {id, -id - 1, id + (1 << 20) - 2'500, id << 40});
  }
  std::set<std::int64_t> distinct;
  for (const std::int64_t id : given) {
    const bool is_new = distinct.insert(id).second;
    const std::uint32_t number = ids.number(id);
    EXPECT_EQ(is_new, number + 1 == distinct.size() && ids.numbers().back() == id) << id;
    EXPECT_EQ(ids.numbers()[number], id);
  }
  EXPECT_EQ(ids.size(), distinct.size());
}

TEST(IdDictionary, TellsApartIdsThatDifferInHighBits) {
  IdDictionary ids;
  for (int turn = 0; turn < 2; ++turn) {
    for (std::int64_t n = 0; n < 30'000; ++n) ids.number(n << 48);  // slow, if they all collide
  }
  EXPECT_EQ(ids.size(), 30'000u);
}

TEST(IdMap, FindsWhatItHolds) {
  const auto numbers = dense({"5", "70", "6"}).map;
  EXPECT_EQ(numbers.find("70"), 2);
  EXPECT_EQ(numbers.find("7"), std::nullopt);
  EXPECT_EQ(numbers.find("071"), std::nullopt);
  EXPECT_EQ(numbers.find("seventy"), std::nullopt);
  const auto texts = dense({"b", "a", "ab"}).map;
  EXPECT_EQ(texts.find("ab"), 1);
  EXPECT_EQ(texts.find("aa"), std::nullopt);
  EXPECT_EQ(IdMap().find("1"), std::nullopt);
}

TEST(IdMap, RefusesIdsOutOfOrder) {
  EXPECT_THROW(IdMap(std::vector<std::int64_t>{1, 1}), InputError);
  EXPECT_THROW(IdMap(std::vector<std::int64_t>{2, 1}), InputError);
  TextTable texts;
  texts.push_back("b");
  texts.push_back("a");
  EXPECT_THROW(IdMap(std::move(texts)), InputError);
}

}  // namespace
}  // namespace tusk
