#include "server/arguments.hpp"

#include <string>

#include <gtest/gtest.h>

namespace tusk::server {
namespace {

using Json = nlohmann::json;

template <class Read>
Json problem_of(const Read& read) {
  try {
    read();
    return {};
  } catch (const Problem& problem) {
    return Json::parse(problem.response().body);
  }
}

TEST(JsonArguments, ReadsFieldsOfTheirKind) {
  const Json body =
      Json::parse(R"({"k": 3, "flag": true, "text": "t", "ids": ["a", 7, -1], "id": 12,
                                    "number": 4.5, "list": [{"x": 1}, {"x": 2}]})");
  JsonArguments fields(body);
  EXPECT_EQ(fields.whole("k", 1, 3), 3);
  EXPECT_EQ(fields.flag("flag"), true);
  EXPECT_EQ(fields.text("text"), "t");
  EXPECT_EQ(fields.ids("ids", 3), (std::vector<std::string>{"a", "7", "-1"}));
  EXPECT_EQ(fields.id("id"), "12");
  EXPECT_EQ(fields.number("number"), 4.5f);
  EXPECT_EQ(fields.objects("list", 2).size(), 2u);
  EXPECT_EQ(fields.whole("other", 1, 3), std::nullopt);
  fields.finish();
}

TEST(JsonArguments, SayWhereAValueIsWrong) {
  const Json body =
      Json::parse(R"({"k": 4, "big": 18446744073709551615, "half": 1.5, "ids": ["a", ""],
                                    "huge": 1e39, "list": [{"x": 1}, {"x": "1"}], "a/b~c": 1})");
  JsonArguments fields(body);
  EXPECT_EQ(problem_of([&] { fields.whole("k", 1, 3); })["pointer"], "/k");
  EXPECT_EQ(problem_of([&] { fields.whole("big", 1, INT64_MAX); })["pointer"], "/big");
  EXPECT_EQ(problem_of([&] { fields.whole("half", 1, 3); })["pointer"], "/half");
  EXPECT_EQ(problem_of([&] { fields.ids("ids", 2); })["pointer"], "/ids/1");
  EXPECT_EQ(problem_of([&] { fields.ids("ids", 1); })["pointer"], "/ids");
  EXPECT_EQ(problem_of([&] { fields.number("huge"); })["pointer"], "/huge");
  EXPECT_EQ(problem_of([&] { fields.text("k"); })["pointer"], "/k");
  EXPECT_EQ(problem_of([&] { fields.flag("k"); })["pointer"], "/k");
  EXPECT_EQ(problem_of([&] { fields.objects("list", 9)[1].number("x"); })["pointer"], "/list/1/x");
  const Json unread = problem_of([&] { fields.finish(); });
  EXPECT_EQ(unread["pointer"], "/a~1b~0c");
  EXPECT_EQ(unread["status"], 422);
  EXPECT_EQ(problem_of([] { JsonArguments(Json(3)); })["status"], 422);
  EXPECT_EQ(problem_of([] { JsonArguments(Json(3)); })["pointer"], "") << "the whole body";
}

TEST(JsonArguments, SuggestsTheRightName) {
  const Json body = Json::parse(R"({"like": ["1"]})");
  JsonArguments fields(body);
  fields.ids("likes", 3);
  const std::string detail = problem_of([&] { fields.finish(); })["detail"];
  EXPECT_NE(detail.find("did you mean likes?"), std::string::npos) << detail;
}

TEST(QueryArguments, ReadParametersOfTheirKind) {
  Request request;
  request.query = {{"k", "3"},     {"flag", "false"}, {"genre", "a"},
                   {"genre", "b"}, {"bad", "3x"},     {"empty", ""}};
  QueryArguments query(request);
  EXPECT_EQ(query.whole("k", 1, 3), 3);
  EXPECT_EQ(query.flag("flag"), false);
  EXPECT_EQ(query.texts("genre", 2), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(problem_of([&] { query.whole("k", 4, 5); })["parameter"], "k");
  const Json twice = problem_of([&] { query.texts("genre", 1); });
  EXPECT_EQ(twice["parameter"], "genre");
  EXPECT_EQ(twice["detail"], "genre is given twice");
  EXPECT_EQ(problem_of([&] { query.whole("bad", 0, 9); })["parameter"], "bad");
  EXPECT_EQ(problem_of([&] { query.flag("bad"); })["parameter"], "bad");
  EXPECT_EQ(problem_of([&] { query.text("empty"); })["parameter"], "empty");
  query.finish();
  EXPECT_EQ(problem_of([&] { QueryArguments(request).finish(); })["parameter"], "k");
}

}  // namespace
}  // namespace tusk::server
