// Model files whose coefficients are not what they should be.
#include <cmath>
#include <cstdint>
#include <optional>

#include <tusk/models.hpp>
#include <tusk/train.hpp>

#include "cpu/cpu_backend.hpp"
#include "tests/support/datasets.hpp"
#include "tests/unit/hostile_model_file.hpp"

namespace tusk::test {
namespace {

class HostileEase : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileEase, IsRefusedWithoutALargeAllocation) { expect_refused(GetParam()); }

Model ease_model(Index users, std::optional<int> neighbours) {
  std::vector<Rating> ratings;
  for (Index user = 0; user < users; ++user) {
    for (Index item = 0; item < 4; ++item) {
      if ((user + item) % 3 != 0) ratings.push_back({user, item, 4});
    }
  }
  EaseOptions options;
  options.neighbours = neighbours;
  return train(*make_cpu_backend(1), make_dataset(users, 4, ratings), options);
}

HostileCase of(HostileCase spoilt, Model (*model)()) {
  spoilt.model = model;
  return spoilt;
}
// Models of the three forms.
HostileCase table(const char* name, std::function<void(Parts&)> how, const char* message) {
  return of(change(name, std::move(how), message), [] { return ease_model(6, {}); });
}
HostileCase by_users(const char* name, std::function<void(Parts&)> how, const char* message) {
  return of(change(name, std::move(how), message), [] { return ease_model(3, {}); });
}
HostileCase kept(const char* name, std::function<void(Parts&)> how, const char* message) {
  return of(change(name, std::move(how), message), [] { return ease_model(6, 2); });
}

INSTANTIATE_TEST_SUITE_P(
    Files, HostileEase,
    testing::Values(
        table(
            "NoItems", [](Parts& p) { rename(p, "ease_items"); }, "no tensor ease_items"),
        table(
            "NoTable", [](Parts& p) { rename(p, "ease_table"); }, "no tensor ease_table"),
        table(
            "NoRatings", [](Parts& p) { rename(p, "seen_ratings"); }, "no tensor seen_ratings"),
        table(
            "NoPrecision", [](Parts& p) { rename(p, "ease_precision"); },
            "no tensor ease_precision"),
        table(
            "PrecisionNegative", [](Parts& p) { p.put("ease_precision", 1, -1.0f); },
            "not above 0"),
        table(
            "CoefficientNotFinite", [](Parts& p) { p.put("ease_table", 1, std::nanf("")); },
            "not finite"),
        table(
            "Diagonal", [](Parts& p) { p.put("ease_table", 5, 0.1f); }, "diagonal"),
        table(
            "TableOfAnotherShape",
            [](Parts& p) {
              p.header["ease_table"]["shape"] = {2, 8};
            },
            "shape that does not fit"),
        table(
            "ItemTwice",
            [](Parts& p) {
              p.put<std::int32_t>("ease_items", 0, 2);
              p.put<std::int32_t>("ease_items", 1, 2);
            },
            "different numbers of items"),
        table(
            "ItemNegative", [](Parts& p) { p.put<std::int32_t>("ease_items", 0, -1); },
            "different numbers of items"),
        table(
            "ItemOutOfRange", [](Parts& p) { p.put<std::int32_t>("ease_items", 3, 4); },
            "different numbers of items"),
        table(
            "BadRegularization",
            [](Parts& p) { p.header["__metadata__"]["regularization"] = "-1"; }, "regularization"),
        table(
            "Biases",
            [](Parts& p) {
              p.header["user_bias"] = p.header["seen_ratings"];
              p.header.erase("seen_ratings");
            },
            "user_bias"),
        by_users(
            "UsersOfAnotherShape",
            [](Parts& p) {
              p.header["ease_users"]["shape"] = {4, 3};
            },
            "shape that does not fit"),
        by_users(
            "NoDiagonal", [](Parts& p) { rename(p, "ease_diagonal"); }, "no tensor ease_diagonal"),
        by_users(
            "DiagonalIsZero", [](Parts& p) { p.put("ease_diagonal", 0, 0.0f); }, "not above 0"),
        by_users(
            "UserNotFinite", [](Parts& p) { p.put("ease_users", 1, std::nanf("")); }, "not finite"),
        kept(
            "NoNeighbours", [](Parts& p) { rename(p, "ease_neighbours"); },
            "no tensor ease_neighbours"),
        kept(
            "OwnNeighbour", [](Parts& p) { p.put<std::int32_t>("ease_neighbours", 0, 0); },
            "rising numbers of other items"),
        kept(
            "NeighbourOutOfRange", [](Parts& p) { p.put<std::int32_t>("ease_neighbours", 1, 4); },
            "rising numbers of other items"),
        kept(
            "OffsetsFall", [](Parts& p) { p.put<std::int64_t>("ease_offsets", 1, 5); },
            "does not hold offsets"),
        kept(
            "NeighbourNotFinite", [](Parts& p) { p.put("ease_coefficients", 0, INFINITY); },
            "not finite")),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace tusk::test
