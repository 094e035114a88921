// Model files whose neighbours are not what they should be.
#include <cmath>
#include <cstdint>

#include "tests/unit/hostile_model_file.hpp"

namespace tusk::test {
namespace {

class HostileNeighbours : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileNeighbours, AreRefusedWithoutALargeAllocation) { expect_refused(GetParam()); }

// The same with a KNN model that has a table of neighbours.
HostileCase knn(const char* name, std::function<void(Parts&)> how, const char* message) {
  HostileCase spoilt = change(name, std::move(how), message);
  spoilt.model = [] { return small_knn_model(NeighbourPolicy::table); };
  return spoilt;
}

INSTANTIATE_TEST_SUITE_P(
    Files, HostileNeighbours,
    testing::Values(
        knn(
            "NoRatings", [](Parts& p) { rename(p, "seen_ratings"); }, "no tensor seen_ratings"),
        knn(
            "NoNeighbours", [](Parts& p) { rename(p, "neighbours"); }, "no tensor neighbours"),
        knn(
            "NoSimilarities", [](Parts& p) { rename(p, "similarities"); },
            "no tensor similarities"),
        knn(
            "NoBiases",
            [](Parts& p) {
              rename(p, "user_bias");
              p.header["another"] = p.header["item_bias"];
              p.header.erase("item_bias");
            },
            "tensors of its kind"),
        knn(
            "RatingsOfAnotherNumber",
            [](Parts& p) {
              p.header["seen_items"]["shape"] = {2};
              p.header["seen_items"]["data_offsets"][1] =
                  p.header["seen_items"]["data_offsets"][1].get<int>() - 4;
              p.header["pad"] = p.header["seen_items"];
              p.header["pad"]["shape"] = {1};
              const int begin = p.header["seen_items"]["data_offsets"][1].get<int>();
              p.header["pad"]["data_offsets"] = {begin, begin + 4};
              p.put<std::int64_t>("seen_offsets", 2, 2);
              p.put<std::int64_t>("seen_offsets", 3, 2);
            },
            "seen_ratings does not fit"),
        knn(
            "RatingNotFinite", [](Parts& p) { p.put("seen_ratings", 1, std::nanf("")); },
            "not finite"),
        knn(
            "NeighbourOutOfRange", [](Parts& p) { p.put<std::int32_t>("neighbours", 0, 4); },
            "neighbours does not hold"),
        knn(
            "NeighbourNegative", [](Parts& p) { p.put<std::int32_t>("neighbours", 0, -2); },
            "neighbours does not hold"),
        knn(
            "NeighbourOfItself", [](Parts& p) { p.put<std::int32_t>("neighbours", 0, 0); },
            "neighbours does not hold"),
        knn(
            "NeighbourAfterTheEnd", [](Parts& p) { p.put<std::int32_t>("neighbours", 0, -1); },
            "neighbours does not hold"),
        knn(
            "SimilarityNegative", [](Parts& p) { p.put("similarities", 1, -0.5f); },
            "neighbours does not hold"),
        knn(
            "SimilarityNotFinite", [](Parts& p) { p.put("similarities", 0, std::nanf("")); },
            "not finite"),
        knn(
            "SimilaritiesRise", [](Parts& p) { p.put("similarities", 1, 0.95f); },
            "similarities does not fall"),
        knn(
            "TableTransposed",
            [](Parts& p) {
              p.header["neighbours"]["shape"] = {2, 4};
            },
            "neighbours has a shape"),
        knn(
            "TableFlat", [](Parts& p) { p.header["neighbours"]["shape"] = {8}; },
            "1 dimensions, not 2"),
        knn(
            "UnknownSimilarity", [](Parts& p) { p.header["__metadata__"]["similarity"] = "magic"; },
            "magic"),
        knn(
            "NoSuchNumber", [](Parts& p) { p.header["__metadata__"]["neighbours"] = "many"; },
            "neighbours is many; it must be a whole number"),
        knn(
            "NumberOutOfRange", [](Parts& p) { p.header["__metadata__"]["neighbours"] = "0"; },
            "neighbours is 0"),
        knn(
            "ShrinkageNotFinite", [](Parts& p) { p.header["__metadata__"]["shrinkage"] = "nan"; },
            "shrinkage"),
        knn(
            "WeightShrinkageNegative",
            [](Parts& p) { p.header["__metadata__"]["weight_shrinkage"] = "-1"; },
            "weight-shrinkage is -1"),
        knn(
            "NoPolicy", [](Parts& p) { p.header["__metadata__"].erase("neighbour_policy"); },
            "lacks neighbour_policy")),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tusk::test
