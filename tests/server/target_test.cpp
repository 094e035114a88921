#include "server/target.hpp"

#include <string>

#include <gtest/gtest.h>

#include "server/problem.hpp"

namespace tusk::server {
namespace {

using Parts = std::vector<std::string>;

int status_of_target(std::string_view target) {
  try {
    parse_target(target);
    return 200;
  } catch (const Problem& problem) {
    return problem.status();
  }
}

TEST(Target, IsTakenApart) {
  const Target target =
      parse_target("/api/users/a%2Fb%20c+d/x?k=5&genre=Sci-Fi+%26+more&genre=b&f");
  EXPECT_EQ(target.segments, (Parts{"api", "users", "a/b c+d", "x"}));
  EXPECT_EQ(target.query,
            (TextPairs{{"k", "5"}, {"genre", "Sci-Fi & more"}, {"genre", "b"}, {"f", ""}}));
  EXPECT_TRUE(target.authority.empty());
  EXPECT_EQ(parse_target("/").segments, Parts());
  EXPECT_EQ(parse_target("/?a=b=c").query, (TextPairs{{"a", "b=c"}}));
  EXPECT_EQ(parse_target("/caf%C3%A9").segments, Parts{"caf\xc3\xa9"});
}

TEST(Target, MayNameTheHost) {
  const Target target = parse_target("http://localhost:80/a?b=c");
  EXPECT_EQ(target.authority, "localhost:80");
  EXPECT_EQ(target.segments, Parts{"a"});
  EXPECT_EQ(parse_target("HTTP://h").segments, Parts());
  EXPECT_EQ(status_of_target("http:///a"), 400);
}

TEST(Target, RefusesTricks) {
  for (const char* target : {"",
                             "a",
                             "*",
                             "//a",
                             "/a//b",
                             "/a/",
                             "/..",
                             "/a/../b",
                             "/./a",
                             "/%2e%2E/etc/passwd",
                             "/%2e",
                             "/a%",
                             "/a%2",
                             "/a%zz",
                             "/%00",
                             "/a%0d%0aSet-Cookie:x",
                             "/a?b=%0a",
                             "/%ff",
                             "/a?%c3=1",
                             "/a#b",
                             "ftp://localhost/",
                             "localhost:80",
                             "/a\x01",
                             "/%C0%AE%C0%AE/"}) {
    EXPECT_EQ(status_of_target(target), 400) << target;
  }
  EXPECT_EQ(status_of_target("/..a"), 200);
  EXPECT_EQ(status_of_target("/a..b/..."), 200);
}

TEST(Target, HasALimit) {
  EXPECT_EQ(status_of_target("/" + std::string(kLongestTarget - 1, 'a')), 200);
  EXPECT_EQ(status_of_target("/" + std::string(kLongestTarget, 'a')), 414);
}

TEST(Target, DecodesPercents) {
  EXPECT_EQ(percent_decoded("%41%7a%7A", false), "Azz");
  EXPECT_EQ(percent_decoded("a+b", false), "a+b");
  EXPECT_EQ(percent_decoded("a+b", true), "a b");
  EXPECT_EQ(percent_decoded("%4", false), std::nullopt);
  EXPECT_EQ(percent_decoded("%", false), std::nullopt);
  EXPECT_EQ(percent_decoded("%-1", false), std::nullopt);
}

}  // namespace
}  // namespace tusk::server
