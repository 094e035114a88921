#include "server/json_body.hpp"

#include <string>

#include <gtest/gtest.h>

#include "server/problem.hpp"

namespace tusk::server {
namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int n = 0; n < times; ++n) all += text;
  return all;
}

// What is wrong with a body; "" if nothing is.
std::string problem_of_body(const std::string& body) {
  Request request;
  request.body = body;
  try {
    parse_body(request);
    return "";
  } catch (const Problem& problem) {
    EXPECT_EQ(problem.status(), 400);
    EXPECT_EQ(problem.type(), "bad-json");
    return problem.what();
  }
}

TEST(RequestBody, MustBeJson) {
  EXPECT_EQ(problem_of_body("{\"a\": [1, {\"b\": null}]}"), "");
  for (const char* body :
       {"", " ", "{", "{\"a\":1}x", "{\"a\":NaN}", "{\"a\":Infinity}", "{'a':1}", "{\"a\":1,}",
        "\xff", "{\"a\":\"\xc3\"}", "// comment\n{}", "{\"a\":1e999}"}) {
    EXPECT_NE(problem_of_body(body), "") << body;
  }
}

TEST(RequestBody, NamesAFieldOnce) {
  EXPECT_NE(problem_of_body(R"({"a": 1, "a": 2})"), "");
  EXPECT_EQ(problem_of_body(R"([{"a": {"b": 1}, "c": {"b": 1}}, {"a": 1}])"), "");
  EXPECT_NE(problem_of_body(R"({"a": {"a": [{"a": 1}]}, "b": {"x": 1, "y": {}, "x": 2}})"), "");
}

TEST(RequestBody, IsNotNestedDeeply) {
  EXPECT_EQ(problem_of_body(repeated("[", kDeepestJson) + repeated("]", kDeepestJson)), "");
  EXPECT_NE(problem_of_body(repeated("[", kDeepestJson + 1) + repeated("]", kDeepestJson + 1)), "");
  EXPECT_NE(problem_of_body(repeated("[", 500'000)), "");
  EXPECT_NE(problem_of_body(repeated("{\"a\":", 100'000)), "");
}

TEST(RequestBody, IsToldWhereItIsWrong) {
  const auto told = [](const std::string& body, const std::string& where) {
    EXPECT_EQ(problem_of_body(body), "the body is not JSON: " + where) << body;
  };
  told("{'a': 1}", "at byte 2 a name in quotes or } is expected");
  told("{\"a\" 1}", "at byte 6 a colon is expected");
  told("{\"a\": nux}", "at byte 7 a value is expected");
  told("{\"a\": \"x\ny\"}", "at byte 7 a value is expected");
  told("{\"a\": 1,}", "at byte 9 a name in quotes is expected");
  told("{\"a\": {\"b\": 1} \"c\": 2}", "at byte 16 a comma or } is expected");
  told("[1, 2 3]", "at byte 7 a comma or ] is expected");
  told("[\"a, [\", [], 1}", "at byte 15 a comma or ] is expected");
  told("[1,]", "at byte 4 a value is expected");
  told("[]x", "at byte 3 the end is expected");
  told("{\"a\": [1, 2", "it ends where a comma or ] is expected");
  told("{\"a\":", "it ends where a value is expected");
  told("{\"a", "at byte 2 a name in quotes or } is expected");
  EXPECT_EQ(problem_of_body(""), "the body is empty");
  EXPECT_EQ(problem_of_body("[1e999]"), "the body has a number that is too large");
}

}  // namespace
}  // namespace tusk::server
