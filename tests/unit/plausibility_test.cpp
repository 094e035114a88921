// Each finding where it belongs, and none in data as it should be.
#include <functional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/plausibility.hpp>

#include "support/philox.hpp"
#include "tests/support/datasets.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk {
namespace {

using Kind = Finding::Kind;
using test::read_text;
using test::TempFolder;

// The kinds of what is found, in order.
std::string found(const Dataset& data, const PlausibilityOptions& options = {}) {
  std::string kinds;
  for (const Finding& finding : check_plausibility(data, options)) {
    kinds += (kinds.empty() ? "" : " ") + std::string(to_string(finding.kind));
    EXPECT_FALSE(finding.found.empty());
    EXPECT_FALSE(finding.remedy.empty());
  }
  return kinds;
}

// Rows of 40 users and 30 items, each pair with probability 1/2; row(user, item, random, number).
std::string rows(const std::function<std::string(int, int, RandomSequence&, int)>& row) {
  RandomSequence random(4, 0);
  std::string text;
  int number = 0;
  for (int user = 1; user <= 40; ++user) {
    for (int item = 1; item <= 30; ++item) {
      if (random.below(2) == 0) text += row(user, item, random, number++) + "\n";
    }
  }
  return text;
}

using Value = std::function<double(RandomSequence&)>;

std::string rated(const Value& value) {
  return rows([&](int user, int item, RandomSequence& random, int) {
    return fmt::format("{},{},{}", user, item, value(random));
  });
}

// A value of `levels`, or with probability `share` percent the first.
Value one_of(std::vector<double> levels, std::uint32_t share = 0) {
  return [=](RandomSequence& random) {
    if (random.below(100) < share) return levels.front();
    return levels[random.below(static_cast<std::uint32_t>(levels.size()))];
  };
}

// --- sane data

struct SaneCase {
  const char* name;
  Value value;
};

class Sane : public testing::TestWithParam<SaneCase> {};

TEST_P(Sane, GivesNoFinding) { EXPECT_EQ(found(read_text(rated(GetParam().value))), ""); }

INSTANTIATE_TEST_SUITE_P(
    Scales, Sane,
    testing::Values(
        SaneCase{"Stars", one_of({1, 2, 3, 4, 5})},
        SaneCase{"HalfStars", one_of({.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5})},
        SaneCase{"ZeroToFive", one_of({0, 1, 2, 3, 4, 5})},
        SaneCase{"ZeroOrOne", one_of({0, 1}, 60)}, SaneCase{"Ones", one_of({1})},
        SaneCase{"MinusOneOrOne", one_of({-1, 1}, 50)},
        SaneCase{"MinusOneToOne", one_of({-1, 0, 1}, 50)},
        SaneCase{"MinusTwoToTwo", one_of({-2, -1, 0, 1, 2})},
        SaneCase{"Ten", one_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10})},
        SaneCase{"TenWithAGap", one_of({1, 3, 4, 5, 6, 7, 8, 9, 10})},
        SaneCase{"Percent", [](RandomSequence& random) { return double(random.below(101)); }},
        SaneCase{"Jester", [](RandomSequence& random) { return random.below(2000) / 100. - 10; }},
        SaneCase{"Shares", [](RandomSequence& random) { return random.below(500) * 1e-6; }},
        SaneCase{
            "Counts",
            [](RandomSequence& random) { return double(1 + random.below(1 + random.below(200))); }},
        SaneCase{
            "LargeCounts",
            [](RandomSequence&
                   random) { return double(1 + random.below(1u << (1 + random.below(14)))); }}),
    [](const auto& test) { return test.param.name; });

TEST(Plausibility, FindsNothingInRealData) {
  for (const char* name : {"ml-100k", "ml-latest-small"}) {
    const auto folder = test::real_data(name);
    if (!folder) GTEST_SKIP() << name << " is not here";
    EXPECT_EQ(found(read_dataset(*folder)), "") << name;
  }
}

TEST(Plausibility, FindsNothingInATwinThatIsSampled) {
  const TempFolder folder;
  SyntheticSpec spec = synthetic_spec("ml-1m");
  write_synthetic(spec, 1, folder.path());
  const Dataset data = read_dataset(folder.path());
  ASSERT_GT(data.size(), 900'000);
  EXPECT_EQ(found(data), "");
}

TEST(Plausibility, FindsNothingInAHandfulOfRatings) {
  EXPECT_EQ(found(read_text("u,i,1\n")), "");
  EXPECT_EQ(found(read_text("1,1,3\n1,2,5\n2,2,4\n")), "");
}

// --- what is not

TEST(Plausibility, OneRatingEach) {
  const std::string numbered = rows([](int user, int item, RandomSequence& random, int number) {
    return fmt::format("{},{},{},{}", number, user, item, 1 + random.below(5));
  });
  EXPECT_EQ(found(read_text(numbered)), "one_rating_each");
  EXPECT_EQ(found(read_text(numbered), {.for_testing = true}), "");
  const auto item_numbered = [](int user, int, RandomSequence& random, int number) {
    return fmt::format("{},{},{}", user, number, 1 + random.below(5));
  };
  EXPECT_EQ(found(read_text(rows(item_numbered))), "one_rating_each");
}

TEST(Plausibility, NotRatings) {
  const auto with = [](const std::function<double(RandomSequence&, int)>& value) {
    return found(read_text(rows([&](int user, int item, RandomSequence& random, int number) {
      return fmt::format("{},{},{:.0f}", user, item, value(random, number));
    })));
  };
  EXPECT_EQ(with([](auto& random, int) { return 1e9 + random.below(100'000'000); }), "not_ratings");
  EXPECT_EQ(with([](auto& random, int) { return 1e9 + random.below(60); }), "not_ratings")
      << "times so near each other that single precision holds few of them";
  EXPECT_EQ(with([](auto& random, int) { return 1e12 + random.below(1u << 31); }), "not_ratings");
  EXPECT_EQ(with([](auto&, int number) { return number; }), "not_ratings") << "row numbers";
  EXPECT_EQ(with([](auto& random, int) { return random.below(1u << 22); }), "not_ratings") << "ids";
  EXPECT_EQ(with([](auto& random, int) { return 20'050'901 + random.below(20); }), "not_ratings");
  EXPECT_EQ(with([](auto& random, int) { return 1980 + random.below(30); }), "not_ratings");
  const auto id_for_rating = [](bool of_item) {
    return found(read_text(rows([&](int user, int item, RandomSequence&, int) {
      return fmt::format("{},{},{}", user, item, of_item ? item : user);
    })));
  };
  EXPECT_EQ(id_for_rating(true), "not_ratings");
  EXPECT_EQ(id_for_rating(false), "not_ratings");
}

TEST(Plausibility, CountingHeader) {
  const auto timed = [](int first) {
    return rows([&](int user, int item, RandomSequence& random, int) {
      return fmt::format("{},{},{},{}", user - 1 + first, item + 1, 1 + random.below(5),
                         1'000'000'000 + random.below(1'000));
    });
  };
  EXPECT_EQ(found(read_text("0,1,2,3\n" + timed(1))), "counting_header");
  EXPECT_EQ(found(read_text("0,1,2,3\n" + timed(0), {.on_duplicate = Duplicates::last})),
            "counting_header")
      << "its time is odd";
  EXPECT_EQ(found(read_text(timed(0))), "");
  const auto finding = check_plausibility(read_text("0,1,2,3\n" + timed(1))).front();
  EXPECT_NE(with_option_names(finding.remedy, plain_name).find("header yes columns 0,1,2,3"),
            std::string::npos);
  EXPECT_EQ(
      found(read_text("0,1,2,3\n" + timed(1), {.columns = {"0", "1", "2", "3"}, .header = true})),
      "")
      << "the remedy helps";
  const std::string real = rated(one_of({1, 2, 3, 4, 5}));
  EXPECT_EQ(found(read_text("0,1,2\n0,5,3\n0,6,1\n" + real)), "") << "user 0 has more ratings";
}

TEST(Plausibility, ManyDuplicates) {
  const std::string text = rated(one_of({1, 2, 3, 4, 5}));
  const auto head = [&](double share) {
    return text.substr(
        0, text.find('\n', static_cast<std::size_t>(share * static_cast<double>(text.size()))) + 1);
  };
  EXPECT_EQ(found(read_text(text + head(.1))), "duplicates");
  EXPECT_EQ(found(read_text(text + head(.02))), "");
}

TEST(Plausibility, FarValues) {
  const auto jester = [](RandomSequence& random) {
    return random.below(3) == 0 ? 99 : random.below(1980) / 100. - 9.9;
  };
  EXPECT_EQ(found(read_text(rated(jester))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({-1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 20)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({-1, 0, 1, 2, 3, 4, 5}, 20)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({0, 5, 6, 7, 8, 9, 10}, 60)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 60)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({0, 1, 2, 3, 4, 5}, 20)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({0, 1, 1.5, 2, 2.5, 3}, 5)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({99, 1, 2, 3, 4, 5}, 5)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({-999, 1, 2, 3, 4, 5}, 5)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({1, 2, 99}, 5)))), "far_value");
  EXPECT_EQ(found(read_text(rated(one_of({0, 3, 4, 5}, 5)))), "far_value");
  const auto finding = check_plausibility(read_text(rated(one_of({99, 1, 2, 3, 4, 5})))).front();
  EXPECT_NE(with_option_names(finding.remedy, plain_name).find("scale=1:5 on-bad skip"),
            std::string::npos)
      << finding.remedy;
}

TEST(Plausibility, ARareFarValueIsNone) {
  std::string text = rated(one_of({1, 2, 3, 4, 5}));
  text += "999,1,99\n";
  EXPECT_EQ(found(read_text(text)), "");
}

TEST(Plausibility, RoundedRatings) {
  const Value large = [](RandomSequence& random) { return 1e8 + 1 + random.below(10); };
  EXPECT_EQ(found(read_text(rows([&](int user, int item, RandomSequence& random, int) {
              return fmt::format("{},{},{:.0f}", user, item, large(random));
            }))),
            "rounded");
  const Value fine = [](RandomSequence& random) { return random.below(1000) * 0.0012345678901; };
  EXPECT_EQ(found(read_text(rated(fine))), "");
}

TEST(Plausibility, IdsWrittenInTwoWays) {
  const auto text = [](const char* other) {
    return rows([&](int user, int item, RandomSequence& random, int number) {
      const std::string id =
          number % 2 == 0 ? fmt::format("{}", user) : fmt::format(fmt::runtime(other), user);
      return fmt::format("{},{},{}", id, item, 1 + random.below(5));
    });
  };
  EXPECT_EQ(found(read_text(text("{}.0"))), "ids_alike");
  EXPECT_EQ(found(read_text(text("{:04}"))), "ids_alike");
  EXPECT_EQ(found(read_text(text("u{}"))), "");
}

class Titles : public testing::Test {
 protected:
  std::vector<Finding> with_titles(const std::string& titles) {
    folder_.write("ratings.csv", "userId,movieId,rating\n" + rated(one_of({1, 2, 3, 4, 5})));
    folder_.write("movies.csv", "movieId,title\n" + titles);
    return check_plausibility(read_dataset(folder_.path()));
  }
  // Titles with ids as `format` writes 1 .. last.
  static std::string titles(const char* format, int last) {
    std::string text;
    for (int item = 1; item <= last; ++item) {
      text += fmt::format(fmt::runtime(format), item) + fmt::format(",Film {}\n", item);
    }
    return text;
  }

  TempFolder folder_;
};

TEST_F(Titles, ThatJoinAreFine) {
  EXPECT_TRUE(with_titles(titles("{}", 30)).empty());
  EXPECT_TRUE(with_titles(titles("{}", 3000)).empty()) << "most of them without ratings";
  EXPECT_TRUE(with_titles(titles("{}", 3)).empty()) << "all that there are join";
}

TEST_F(Titles, ThatDoNotJoinAreShownWithAnIdOfEachSide) {
  const auto findings = with_titles(titles("{}.0", 30));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind, Kind::titles_do_not_join);
  EXPECT_NE(findings[0].found.find("\"1.0\""), std::string::npos) << findings[0].found;
  EXPECT_NE(findings[0].remedy.find("\"1.0\" and \"1\" would match"), std::string::npos)
      << findings[0].remedy;
  const auto strange = with_titles(titles("tt{}", 30));
  ASSERT_EQ(strange.size(), 1u);
  EXPECT_EQ(strange[0].remedy.find("would match"), std::string::npos);
  EXPECT_EQ(with_titles(titles("{}", 3) + titles("tt{}", 27)).size(), 1u) << "little joins";
}

TEST(Plausibility, TimesAreNoWeights) {
  ReadOptions implicit;
  implicit.implicit = true;
  const auto weighed = [&](const Value& value) { return found(read_text(rated(value), implicit)); };
  const auto time = [](double unit) {
    return [=](RandomSequence& random) { return unit * (1e9 + 60 * random.below(1'000'000)); };
  };
  EXPECT_EQ(weighed(time(1)), "not_ratings");
  EXPECT_EQ(weighed(time(1000)), "not_ratings");
  EXPECT_EQ(weighed(one_of({1, 2, 40, 1e6})), "");
  EXPECT_EQ(weighed(one_of({1, 2, 1.2e9}, 10)), "") << "some are large";
  // Rows of one user and item add up to more than a time.
  const std::string rows = rated(time(1));
  const std::string some = rows.substr(0, rows.find('\n', rows.size() / 10) + 1);
  EXPECT_EQ(found(read_text(rows + some + some + some + some, implicit)), "not_ratings");
}

}  // namespace
}  // namespace tusk
