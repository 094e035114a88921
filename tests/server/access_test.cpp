#include "server/access.hpp"

#include <gtest/gtest.h>

#include "server/problem.hpp"

namespace tusk::server {
namespace {

Request with_headers(TextPairs headers) {
  Request request;
  request.headers = std::move(headers);
  return request;
}

template <class Check>
int status_of(const Check& check) {
  try {
    check();
    return 200;
  } catch (const Problem& problem) {
    return problem.status();
  }
}

TEST(Access, KnowsItsOwnHosts) {
  const AccessRules rules{.hosts = {"films.example"}};
  for (const char* host :
       {"localhost", "LOCALHOST:7878", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:7878",
        "192.168.1.5:7878", "films.example", "Films.Example:443"}) {
    EXPECT_TRUE(is_own_host(rules, host)) << host;
  }
  for (const char* host :
       {"", ":80", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
        "a@localhost", "localhost:", "localhost:port", "localhost:123456", "::1", "[::1", "[::1]x",
        "[localhost]", "localhost localhost", "films.example.evil.example", "127.1", "0x7f000001",
        "2130706433"}) {
    EXPECT_FALSE(is_own_host(rules, host)) << host;
  }
}

TEST(Access, WantsOneHost) {
  const AccessRules rules;
  const auto status = [&](TextPairs headers, std::string_view authority = "") {
    return status_of([&] { check_host(rules, with_headers(std::move(headers)), authority); });
  };
  EXPECT_EQ(status({{"host", "localhost"}}), 200);
  EXPECT_EQ(status({}), 400);
  EXPECT_EQ(status({{"host", "localhost"}, {"host", "localhost"}}), 400);
  EXPECT_EQ(status({{"host", "evil.example"}}), 421);
  EXPECT_EQ(status({{"host", "localhost"}}, "evil.example"), 421);
  EXPECT_EQ(status({{"host", "localhost"}}, "localhost:80"), 200);
}

TEST(Access, RefusesForeignOrigins) {
  const AccessRules rules{.origins = {"https://shop.example"}};
  const auto check = [&](const char* host, const char* origin) {
    return check_origin(rules, with_headers({{"host", host}, {"origin", origin}}));
  };
  EXPECT_EQ(check_origin(rules, with_headers({{"host", "localhost"}})), std::nullopt);
  EXPECT_EQ(check("localhost:7878", "http://localhost:7878"), std::nullopt);
  EXPECT_EQ(check("Localhost:80", "http://localhost"), std::nullopt);
  EXPECT_EQ(check("films.example", "https://films.example"), std::nullopt);
  EXPECT_EQ(check("localhost:7878", "https://shop.example"), "https://shop.example");
  EXPECT_EQ(check("localhost:7878", "https://shop.example:443"), "https://shop.example");
  for (const char* origin :
       {"null", "", "http://evil.example", "http://localhost", "http://localhost:1",
        "http://shop.example", "https://shop.example:444", "https://shop.example/",
        "https://a@shop.example", "localhost:7878", "file://",
        "https://shop.example.evil.example"}) {
    EXPECT_EQ(status_of([&] { check("localhost:7878", origin); }), 403) << origin;
  }
}

TEST(Access, WantsTheToken) {
  const AccessRules rules{.token = "0123456789abcdef"};
  const auto status = [&](TextPairs headers) {
    return status_of([&] { check_token(rules, with_headers(std::move(headers))); });
  };
  EXPECT_EQ(status({{"authorization", "Bearer 0123456789abcdef"}}), 200);
  EXPECT_EQ(status({{"authorization", "bearer  0123456789abcdef "}}), 200);
  for (const char* value :
       {"", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdeg",
        "Bearer 0123456789abcdef0", "Basic 0123456789abcdef", "0123456789abcdef",
        "Bearer 0123456789abcdef0123456789abcdef"}) {
    EXPECT_EQ(status({{"authorization", value}}), 401) << value;
  }
  EXPECT_EQ(status({}), 401);
  EXPECT_EQ(status_of([] { check_token({}, {}); }), 200);
}

}  // namespace
}  // namespace tusk::server
