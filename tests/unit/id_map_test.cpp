#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "data/id_column.hpp"

namespace tusk {
namespace {

IdColumn::Dense dense(const std::vector<std::string>& ids) {
  IdColumn column;
  for (const std::string& id : ids) column.push(id);
  return column.take_dense();
}

std::vector<std::string> names(const IdMap& map) {
  std::vector<std::string> list;
  for (Index i = 0; i < map.size(); ++i) list.push_back(map.id(i));
  return list;
}

using Names = std::vector<std::string>;
using Indices = std::vector<Index>;

TEST(IdColumn, OrdersNumbersAsNumbers) {
  const auto [map, index] = dense({"10", "9", "-3", "10", "100"});
  EXPECT_TRUE(map.numeric());
  EXPECT_EQ(names(map), (Names{"-3", "9", "10", "100"}));
  EXPECT_EQ(index, (Indices{2, 1, 0, 2, 3}));
}

TEST(IdColumn, KeepsFarApartNumbers) {
  const auto [map, index] = dense({"9223372036854775807", "-9223372036854775808", "0"});
  EXPECT_TRUE(map.numeric());
  EXPECT_EQ(names(map), (Names{"-9223372036854775808", "0", "9223372036854775807"}));
  EXPECT_EQ(index, (Indices{2, 0, 1}));
}

TEST(IdColumn, KeepsTextAsGivenOnceAnyIdIsText) {
  const auto [map, index] = dense({"10", "9", "b7", "10", "007"});
  EXPECT_FALSE(map.numeric());
  EXPECT_EQ(names(map), (Names{"007", "10", "9", "b7"}));
  EXPECT_EQ(index, (Indices{1, 2, 3, 1, 0}));
}

TEST(IdColumn, TakesNumbersThatDoNotFitAsText) {
  const auto [map, index] = dense({"1", "9223372036854775808"});
  EXPECT_FALSE(map.numeric());
  EXPECT_EQ(names(map), (Names{"1", "9223372036854775808"}));
}

TEST(IdColumn, DoesNotTakeOtherWritingsOfANumberForIt) {
  for (const char* id : {"+5", "05", "-0", "5.0", " 5", "5e0", "0x5", "-", ""}) {
    std::int64_t value = 0;
    EXPECT_FALSE(parse_canonical(id, value)) << id;
  }
}

TEST(IdColumn, IsEmptyAfterItsIdsAreTaken) {
  IdColumn column;
  column.push("x");
  column.take_dense();
  EXPECT_EQ(column.size(), 0u);
  column.push("7");
  EXPECT_TRUE(column.take_dense().map.numeric());
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
