// The conversation of the API, without a socket.
#include <string>

#include <gtest/gtest.h>

#include "tests/server/fixture.hpp"

namespace tusk::test {
namespace {

using server::Context;

class ApiChat : public testing::Test {
 protected:
  static const Context& titled() {
    static const Context context{titled_served()};
    return context;
  }
  static const Model& model() { return titled().model->model(); }
  static std::string title(Index item) { return "\"" + title_of(model(), item) + "\""; }
  static std::string id(Index item) { return model().items.id(item); }

  // The answer to a text, with the fields of `more`, in the conversation so far.
  Json say(const std::string& text, Json more = Json::object()) {
    more["text"] = text;
    if (!state_.is_null()) more["state"] = state_;
    Json answer = ask_json(titled(), "POST", "/api/chat", more.dump());
    state_ = answer["state"];
    return answer;
  }

  static server::Response post(const Json& body) {
    return ask(titled(), "POST", "/api/chat", body.dump());
  }

  Json state_;
};

TEST_F(ApiChat, AnswersWithAListAndItsState) {
  const Json answer = say("recommend three comedies");
  EXPECT_EQ(answer["intent"], "recommend_genre");
  EXPECT_EQ(answer["source"], "popular");
  EXPECT_EQ(answer["request"]["k"], 3);
  ASSERT_EQ(answer["items"].size(), 3u);
  const Json& first = answer["items"][0];
  EXPECT_EQ(first["rank"], 1);
  EXPECT_TRUE(first["id"].is_string());
  EXPECT_TRUE(first["genres"].is_array());
  EXPECT_TRUE(first["score"].is_number());
  EXPECT_TRUE(first["rating"].is_null()) << "nothing is predicted for anybody";
  EXPECT_NE(first["reason"], "");
  EXPECT_FALSE(answer.contains("rated"));
  EXPECT_EQ(answer["state"]["k"], 3);
  const Json more = say("more");
  EXPECT_EQ(more["intent"], "more");
  for (const Json& item : more["items"]) {
    for (const Json& before : answer["items"]) EXPECT_NE(item["id"], before["id"]);
  }
}

TEST_F(ApiChat, NotesRatingsInWords) {
  const Json answer = say("I loved " + title(4) + ", hated " + title(9));
  EXPECT_EQ(answer["intent"], "rate");
  EXPECT_EQ(answer["source"], "folded-in");
  ASSERT_EQ(answer["rated"].size(), 2u) << answer["text"];
  EXPECT_EQ(answer["rated"][0]["item"]["id"], id(4));
  EXPECT_EQ(answer["rated"][0]["stars"], 5);
  EXPECT_EQ(answer["rated"][1]["stars"], 1);
  EXPECT_TRUE(answer["items"][0]["rating"].is_number());
  EXPECT_EQ(say("recommend something")["source"], "folded-in") << "the state has the ratings";
}

TEST_F(ApiChat, RatingsBesideTheTextReplaceThoseOfTheState) {
  say("I loved " + title(4));
  say("recommend something",
      Json::parse(R"({"ratings": [{"item": 7, "rating": 2.5}, {"item": "?", "rating": 1}]})"));
  EXPECT_EQ(state_["ratings"], Json::parse(R"([{"item": "7", "rating": 2.5}])"));
  EXPECT_EQ(say("recommend something", {{"ratings", Json::array()}})["source"], "popular");
  EXPECT_FALSE(state_.contains("ratings"));
}

TEST_F(ApiChat, KnowsUsersOfTheModel) {
  const Json body = {{"user", "5"}};
  EXPECT_EQ(say("recommend something", body)["source"], "user");
  EXPECT_EQ(say("more")["source"], "user") << "the state has the user";
  const auto unknown = post({{"text", "help"}, {"user", "nobody"}});
  expect_problem(unknown, 404, "unknown-user");
}

TEST_F(ApiChat, RefusesWhatMakesNoSense) {
  const auto problem = [&](const Json& body, const char* pointer,
                           const char* type = "invalid-value") {
    const auto response = post(body);
    expect_problem(response, 422, type);
    EXPECT_EQ(Json::parse(response.body)["pointer"], pointer) << body;
  };
  problem(Json::object(), "/text");
  problem({{"text", 7}}, "/text");
  problem({{"text", std::string(1001, 'a')}}, "/text");
  problem({{"text", "help"}, {"other", 1}}, "/other");
  problem({{"text", "help"}, {"user", Json::array()}}, "/user");
  problem(Json::parse(R"({"text": "help", "ratings": [{"item": "1", "rating": 9}]})"),
          "/ratings/0/rating", "off-scale");
  problem({{"text", "help"}, {"state", 7}}, "/state", "bad-state");
  problem({{"text", "help"}, {"state", {{"k", 1e9}}}}, "/state", "bad-state");
  problem({{"text", "more"}, {"state", {{"hidden", {"no such item"}}}}}, "/state", "bad-state");
  problem({{"text", "more"}, {"state", {{"question", {{"intent", "similar_to"}}}}}}, "/state",
          "bad-state");
}

TEST_F(ApiChat, IsNotOfAModelWithoutTitles) {
  EXPECT_EQ(ask_json(titled(), "GET", "/api/model")["chat"], true);
  const Context context{trained_served()};
  EXPECT_EQ(ask_json(context, "GET", "/api/model")["chat"], false);
  expect_problem(ask(context, "POST", "/api/chat", R"({"text": "help"})"), 422, "cannot-chat");
  context.model->warm_up();
}

TEST_F(ApiChat, IsThatOfEveryKindOfModel) {
  for (const AlgorithmInfo* algorithm : algorithms()) {
    const Context context{titled_served(algorithm->name)};
    Json state = Json::object();
    for (const std::string& text : {"I loved " + title(4), std::string("recommend something"),
                                    "like " + title(9), std::string("why?")}) {
      const Json body = {{"text", text}, {"state", state}};
      const Json answer = ask_json(context, "POST", "/api/chat", body.dump());
      EXPECT_FALSE(answer["text"].get<std::string>().empty());
      if (answer["intent"] != "rate") {
        EXPECT_FALSE(answer["items"].empty()) << algorithm->name << " " << answer;
      }
      state = answer["state"];
    }
  }
}

}  // namespace
}  // namespace tusk::test
