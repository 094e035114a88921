// Model files whose content, or whose parts, are not what they should be.
#include <cmath>
#include <cstdint>

#include <tusk/models.hpp>
#include <tusk/train.hpp>

#include "tests/support/datasets.hpp"
#include "tests/unit/hostile_model_file.hpp"

namespace tusk::test {
namespace {

Model train_on_genres(const TrainOptions& options) {
  Dataset data = make_dataset(2, 3, {{0, 0, 5}, {0, 1, 3}, {1, 1, 4}, {1, 2, 1}});
  data.catalogue = {};
  for (const char* genres : {"Comedy|Drama", "Drama", "War"}) {
    data.catalogue.title.push_back("");
    data.catalogue.genres.push_back(genres);
  }
  return train(*open_device({"cpu", 1}), data, options);
}

class HostileContent : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileContent, IsRefusedWithoutALargeAllocation) { expect_refused(GetParam()); }

HostileCase content(const char* name, std::function<void(Parts&)> how, const char* message) {
  HostileCase spoilt = change(name, std::move(how), message);
  spoilt.model = [] { return train_on_genres(ContentOptions()); };
  return spoilt;
}

HostileCase hybrid(const char* name, std::function<void(Parts&)> how, const char* message) {
  HostileCase spoilt = change(name, std::move(how), message);
  spoilt.model = [] {
    HybridOptions options;
    options.collaborative = Collaborative::item_knn;
    options.item_knn.neighbours = 2;
    return train_on_genres(options);
  };
  return spoilt;
}

INSTANTIATE_TEST_SUITE_P(
    Files, HostileContent,
    testing::Values(
        content(
            "NoVectors", [](Parts& p) { rename(p, "content_values"); }, "no tensor content_values"),
        content(
            "NoTerms", [](Parts& p) { rename(p, "content_terms"); }, "no tensor content_terms"),
        content(
            "OffsetsFall", [](Parts& p) { p.put<std::int64_t>("content_offsets", 1, 99); },
            "content_offsets does not hold"),
        content(
            "ColumnOutOfRange", [](Parts& p) { p.put<std::int32_t>("content_columns", 1, 3); },
            "content_columns does not hold"),
        content(
            "ColumnNegative", [](Parts& p) { p.put<std::int32_t>("content_columns", 0, -1); },
            "content_columns does not hold"),
        content(
            "ValueNotFinite", [](Parts& p) { p.put("content_values", 0, std::nanf("")); },
            "not finite"),
        content(
            "ValuesOfNoLength", [](Parts& p) { p.put("content_values", 0, 7.0f); },
            "vectors of length 1"),
        content(
            "ValuesAllZero",
            [](Parts& p) {
              for (const std::size_t value : {0, 1}) p.put("content_values", value, 0.0f);
            },
            "vectors of length 1"),
        content(
            "NegativeWeight", [](Parts& p) { p.put("content_values", 2, -1.0f); },
            "negative weights"),
        content(
            "IdfOfNone", [](Parts& p) { p.put("content_idf", 0, 0.0f); }, "weights of terms"),
        content(
            "IdfNotFinite", [](Parts& p) { p.put("content_idf", 0, std::nanf("")); },
            "weights of terms"),
        content(
            "IdfTooLarge", [](Parts& p) { p.put("content_idf", 0, 1e38f); }, "weights of terms"),
        content(
            "TermsNotUtf8", [](Parts& p) { p.put("content_terms", 0, '\xff'); }, "not UTF-8"),
        content(
            "MoreColumnsThanTerms",
            [](Parts& p) { p.put<std::int32_t>("content_width", 0, 2'000'000'000); },
            "terms do not fit"),
        content(
            "FieldOfTooManyTerms", [](Parts& p) { p.put<std::int64_t>("content_fields", 0, 4); },
            "content_fields does not hold"),
        content(
            "FieldsOfTooFewTerms", [](Parts& p) { p.put<std::int64_t>("content_fields", 0, 2); },
            "content_fields does not hold"),
        content(
            "TermsNotSorted", [](Parts& p) { p.put("content_terms", 0, 'z'); }, "is not sorted"),
        content(
            "WeightIsNone", [](Parts& p) { p.header["__metadata__"]["genre_weight"] = "splendid"; },
            "genre-weight is splendid"),
        hybrid(
            "NoPart", [](Parts& p) { rename(p, "content.content_values"); },
            "no tensor content_values"),
        hybrid(
            "NoRatings", [](Parts& p) { rename(p, "seen_ratings"); }, "no tensor seen_ratings"),
        hybrid(
            "PartOfAnotherKind", [](Parts& p) { p.header["__metadata__"]["content.model"] = "mf"; },
            "it lacks a part"),
        hybrid(
            "PartIsNotNamed", [](Parts& p) { p.header["__metadata__"].erase("popular.model"); },
            "it lacks a part"),
        hybrid(
            "NeighboursOutOfRange",
            [](Parts& p) { p.put<std::int32_t>("collaborative.neighbours", 0, 7); },
            "neighbours does not hold")),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tusk::test
