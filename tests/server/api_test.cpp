// The answers of the API, without a socket.
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "server/page_files.hpp"
#include "tests/server/fixture.hpp"

namespace tusk::test {
namespace {

using server::Context;

std::vector<std::string> ids_of(const Json& items) {
  std::vector<std::string> ids;
  for (const Json& item : items) ids.push_back(item["id"]);
  return ids;
}

class Api : public testing::Test {
 protected:
  static const Context& small() {
    static const Context context{small_served()};
    return context;
  }
  static const Context& trained() {
    static const Context context{trained_served()};
    return context;
  }
};

TEST_F(Api, ListsForAKnownUser) {
  const Json list = ask_json(small(), "GET", "/api/users/b/recommendations");
  EXPECT_EQ(list["user"], "b");
  EXPECT_EQ(list["kind"], "personal");
  EXPECT_EQ(list["ordered_by"], "rating");
  EXPECT_EQ(ids_of(list["items"]), (std::vector<std::string>{"20", "10"}))
      << "30 is seen, 40 unknown";
  const Json& best = list["items"][0];
  EXPECT_EQ(best["rank"], 1);
  EXPECT_EQ(best["title"], "Twenty, the \"film\"");
  EXPECT_EQ(best["genres"], Json::array());
  EXPECT_TRUE(best["year"].is_null());
  EXPECT_EQ(best["rating"], 5);
  EXPECT_EQ(best["score"], 7.5);
  EXPECT_EQ(best["evidence"], "full");
  EXPECT_EQ(best["ratings"], 1);
  EXPECT_FALSE(best.contains("reasons"));
  EXPECT_EQ(ask_json(small(), "GET", "/api/users/b/recommendations?k=1")["items"].size(), 1u);
  const Json explained = ask_json(small(), "GET", "/api/users/b/recommendations?explain=true");
  EXPECT_TRUE(explained["items"][0]["reasons"].is_array());
}

TEST_F(Api, AUserWhoIsNotKnownIsNoError_OnlyIfAskedSo) {
  for (const char* user : {"c", "nobody", "a%2Fb"}) {
    const std::string target = fmt::format("/api/users/{}/recommendations", user);
    expect_problem(ask(small(), "GET", target), 404, "unknown-user");
    const Json list = ask_json(small(), "GET", target + "?on_unknown=popular");
    EXPECT_EQ(list["kind"], "popular");
    EXPECT_EQ(list["items"][0]["evidence"], "global");
  }
  expect_problem(ask(small(), "GET", "/api/users/b/recommendations?on_unknown=x"), 422,
                 "invalid-value");
  const Context hybrid{trained_served("hybrid")};
  const std::string nobody = "/api/users/nobody/recommendations";
  EXPECT_EQ(ask_json(hybrid, "GET", nobody)["kind"], "popular") << "it serves unknown users";
  expect_problem(ask(hybrid, "GET", nobody + "?on_unknown=error"), 404, "unknown-user");
}

TEST_F(Api, RefusesBadParameters) {
  for (const char* query : {"k=0", "k=1001", "k=x", "k=1&k=2", "explain=yes", "from=2000&to=1999",
                            "from=0", "min_ratings=-1", "kk=1", "genre="}) {
    expect_problem(ask(small(), "GET", fmt::format("/api/users/b/recommendations?{}", query)), 422,
                   "invalid-value");
  }
  expect_problem(ask(small(), "GET", "/api/users/b/recommendations?genre=Wa"), 422,
                 "unknown-genre");
  expect_problem(ask(small(), "GET", "/api/items/popular?exclude_genre=Wa"), 422, "unknown-genre");
}

TEST_F(Api, FiltersLists) {
  const auto ids = [&](const std::string& query) {
    return ids_of(ask_json(small(), "GET", "/api/users/b/recommendations?" + query)["items"]);
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids("genre=drama"), Ids{"10"});
  EXPECT_EQ(ids("genre=war&genre=drama"), Ids{"10"});
  EXPECT_EQ(ids("exclude_genre=Drama"), Ids{"20"});
  EXPECT_EQ(ids("genre=war"), Ids()) << "it is seen";
  EXPECT_EQ(ids("min_ratings=2"), Ids());
  EXPECT_EQ(ids("from=1990"), Ids()) << "no item has a year";
}

TEST_F(Api, AFilteredListIsTheWholeOneWithoutTheOthers) {
  const auto& served = *trained().model;
  const auto user = served.model().users.id(5);
  const auto all =
      ask_json(trained(), "GET", fmt::format("/api/users/{}/recommendations?k=60", user))["items"];
  for (const std::string& genre : served.candidates().genres()) {
    const auto some = ask_json(
        trained(), "GET", fmt::format("/api/users/{}/recommendations?k=60&genre={}", user, genre));
    std::vector<std::string> expected;
    for (const Json& item : all) {
      const auto& genres = item["genres"];
      if (std::find(genres.begin(), genres.end(), genre) != genres.end())
        expected.push_back(item["id"]);
    }
    EXPECT_EQ(ids_of(some["items"]), expected) << genre;
  }
}

TEST_F(Api, ListsByRatingsInTheRequest) {
  const Json list =
      ask_json(trained(), "POST", "/api/recommendations",
               R"({"ratings": [{"item": "1", "rating": 5}, {"item": 2, "rating": 1.5}],
                                 "likes": ["3"], "dislikes": [4, "x"], "k": 7, "explain": true, "exclude": ["9"]})");
  EXPECT_EQ(list["kind"], "personal");
  EXPECT_EQ(list["folded_from"], 4);
  EXPECT_EQ(list["ignored"], Json::array({"x"}));
  EXPECT_EQ(list["items"].size(), 7u);
  const auto ids = ids_of(list["items"]);
  for (const char* id : {"1", "2", "3", "4", "9"}) {
    EXPECT_EQ(std::count(ids.begin(), ids.end(), id), 0) << id;
  }
  EXPECT_EQ(list["items"][0]["evidence"], "folded-in");
  std::size_t reasons = 0;
  for (const Json& item : list["items"]) reasons += item["reasons"].size();
  EXPECT_GT(reasons, 0u);
}

TEST_F(Api, ExclusionsLeaveTheRestAsItIs) {
  const std::string ratings =
      R"("ratings": [{"item": "1", "rating": 5}, {"item": "2", "rating": 1}], "k": 60)";
  const Json all = ask_json(trained(), "POST", "/api/recommendations", "{" + ratings + "}");
  const Json some = ask_json(trained(), "POST", "/api/recommendations",
                             fmt::format("{{{}, \"exclude\": [\"{}\", \"unknown\"]}}", ratings,
                                         all["items"][0]["id"].get<std::string>()));
  ASSERT_EQ(some["items"].size() + 1, all["items"].size());
  for (std::size_t r = 0; r < some["items"].size(); ++r) {
    EXPECT_EQ(some["items"][r]["id"], all["items"][r + 1]["id"]);
    EXPECT_EQ(some["items"][r]["score"], all["items"][r + 1]["score"]);
  }
}

TEST_F(Api, WithoutRatingsTheListIsPopular) {
  for (const char* body : {"{}", R"({"ratings": []})", R"({"likes": ["unknown"]})"}) {
    const Json list = ask_json(trained(), "POST", "/api/recommendations", body);
    EXPECT_EQ(list["kind"], "popular");
    EXPECT_EQ(list["folded_from"], 0);
    EXPECT_EQ(list["items"].size(), 10u);
  }
}

TEST_F(Api, RefusesRatingsThatMakeNoSense) {
  const auto problem = [&](const char* body, const char* pointer,
                           const char* type = "invalid-value") {
    const auto response = ask(trained(), "POST", "/api/recommendations", body);
    expect_problem(response, 422, type);
    EXPECT_EQ(Json::parse(response.body)["pointer"], pointer) << body;
  };
  problem(R"({"ratings": [{"item": "1", "rating": 5.5}]})", "/ratings/0/rating", "off-scale");
  problem(R"({"ratings": [{"item": "1", "rating": 1}, {"item": 1, "rating": 2}]})",
          "/ratings/1/item");
  problem(R"({"likes": ["1"], "dislikes": ["1"]})", "/dislikes");
  problem(R"({"ratings": [{"item": "1"}]})", "/ratings/0/rating");
  problem(R"({"ratings": [{"rating": 1}]})", "/ratings/0/item");
  problem(R"({"ratings": [{"item": "1", "rating": 1, "x": 1}]})", "/ratings/0/x");
  problem(R"({"ratings": {"1": 5}})", "/ratings");
  problem(R"({"likes": [1.5]})", "/likes/0");
  problem(R"({"likes": [null]})", "/likes/0");
  problem(R"({"genres": ["nothing"]})", "/genres", "unknown-genre");
  problem(R"({"k": 0})", "/k");
  problem(R"({"rating": []})", "/rating");
  problem("[]", "");
}

TEST_F(Api, FindsSimilarItems) {
  const Json similar = ask_json(trained(), "GET", "/api/items/7/similar?k=3");
  EXPECT_EQ(similar["to"]["id"], "7");
  ASSERT_EQ(similar["items"].size(), 3u);
  EXPECT_EQ(similar["items"][0]["rank"], 1);
  EXPECT_GE(similar["items"][0]["similarity"], similar["items"][1]["similarity"]);
  expect_problem(ask(trained(), "GET", "/api/items/nothing/similar"), 404, "unknown-item");
  expect_problem(ask(small(), "GET", "/api/items/40/similar"), 422, "cannot-compare");
  expect_problem(ask(small(), "GET", "/api/items/10/similar?genre=x"), 422, "unknown-genre");
  EXPECT_EQ(ask_json(small(), "GET", "/api/items/10/similar?genre=drama")["items"].size(), 0u);
  const Context means{trained_served("mean")};
  expect_problem(ask(means, "GET", "/api/items/7/similar"), 422, "cannot-compare");
}

TEST_F(Api, FindsItemsByTitleAndId) {
  const Json found = ask_json(small(), "GET", "/api/items?query=cafe");
  ASSERT_EQ(ids_of(found["items"]), std::vector<std::string>{"30"});
  EXPECT_EQ(found["items"][0]["match"], "start");
  EXPECT_EQ(found["items"][0]["title"], "Caf\xc3\xa9 Thirty");
  EXPECT_EQ(found["items"][0]["genres"], Json::array({"Comedy", "War"}));
  const Json by_id = ask_json(small(), "GET", "/api/items?id=40&id=7&id=10");
  EXPECT_EQ(ids_of(by_id["items"]), (std::vector<std::string>{"40", "10"}));
  EXPECT_EQ(by_id["unknown"], Json::array({"7"}));
  for (const char* query :
       {"", "?query=a&id=1", "?query=", "?k=3", "?id=1&k=3", "?query=a&k=101"}) {
    expect_problem(ask(small(), "GET", std::string("/api/items") + query), 422, "invalid-value");
  }
  expect_problem(ask(small(), "GET", "/api/items?query=" + std::string(201, 'a')), 422,
                 "invalid-value");
}

TEST_F(Api, ListsForAnybody) {
  const Json popular = ask_json(small(), "GET", "/api/items/popular?k=2");
  EXPECT_EQ(ids_of(popular["items"]), (std::vector<std::string>{"20", "10"}));
  EXPECT_EQ(popular["items"][0]["evidence"], "global");
  EXPECT_EQ(ids_of(ask_json(small(), "GET", "/api/items/popular?genre=war")["items"]),
            std::vector<std::string>{"30"});
  const Json to_rate = ask_json(trained(), "GET", "/api/items/to-rate?k=5");
  EXPECT_EQ(to_rate["items"].size(), 5u);
  EXPECT_EQ(ask_json(trained(), "GET", "/api/items/to-rate?k=5"), to_rate);
  EXPECT_EQ(ask_json(small(), "GET", "/api/items/to-rate")["items"].size(), 3u);
  expect_problem(ask(small(), "GET", "/api/items/to-rate?k=201"), 422, "invalid-value");
}

TEST_F(Api, PredictsRatings) {
  const Json known =
      ask_json(small(), "POST", "/api/predict", R"({"user": "a", "items": [10, "40", "x"]})");
  EXPECT_EQ(known["user_known"], true);
  EXPECT_EQ(known["unknown_items"], Json::array({"40", "x"}));
  ASSERT_EQ(known["predictions"].size(), 3u);
  EXPECT_EQ(known["predictions"][0]["evidence"], "full");
  EXPECT_EQ(known["predictions"][2]["item"], "x");
  EXPECT_EQ(known["predictions"][2]["evidence"], "user-only");
  EXPECT_EQ(
      ask_json(small(), "POST", "/api/predict", R"({"user": "x", "items": [10]})")["user_known"],
      false);
  const Json folded = ask_json(trained(), "POST", "/api/predict",
                               R"({"ratings": [{"item": 1, "rating": 4}], "items": ["2"]})");
  EXPECT_EQ(folded["predictions"][0]["evidence"], "folded-in");
  for (const char* body :
       {"{}", R"({"user": "a"})", R"({"items": ["1"]})", R"({"user": "a", "items": []})",
        R"({"user": "a", "ratings": [], "items": ["1"]})"}) {
    expect_problem(ask(small(), "POST", "/api/predict", body), 422, "invalid-value");
  }
  const Context ranks{trained_served("ease")};
  expect_problem(ask(ranks, "POST", "/api/predict", R"({"user": "1", "items": ["1"]})"), 422,
                 "no-ratings");
  const Json list = ask_json(ranks, "GET", "/api/users/1/recommendations");
  EXPECT_TRUE(list["items"][0]["rating"].is_null());
  EXPECT_EQ(list["ordered_by"], "score");
}

TEST_F(Api, TellsDeviationsWhereTheModelKnowsThem) {
  const Context sampled{trained_served("bayes")};
  const char* const by_user = R"({"user": "1", "items": ["1", "x"]})";
  const char* const by_ratings = R"({"ratings": [{"item": 1, "rating": 4}], "items": ["2", "3"]})";
  for (const char* body : {by_user, by_ratings}) {
    const Json answer = ask_json(sampled, "POST", "/api/predict", body);
    for (const Json& one : answer["predictions"]) EXPECT_GT(one["deviation"], 0);
    const Json without = ask_json(trained(), "POST", "/api/predict", body);
    EXPECT_FALSE(without["predictions"][0].contains("deviation"));
  }
  const Json list = ask_json(sampled, "GET", "/api/users/1/recommendations?k=3");
  ASSERT_EQ(list["items"].size(), 3u);
  for (const Json& item : list["items"]) EXPECT_GT(item["deviation"], 0);
  const Json mine = ask_json(sampled, "POST", "/api/recommendations",
                             R"({"ratings": [{"item": 1, "rating": 4}], "k": 2})");
  EXPECT_GT(mine["items"][0]["deviation"], 0);
  const Json popular = ask_json(sampled, "GET", "/api/items/popular?k=2");
  EXPECT_FALSE(popular["items"][0].contains("deviation")) << "it is a mean rating";
  EXPECT_FALSE(
      ask_json(trained(), "GET", "/api/users/1/recommendations")["items"][0].contains("deviation"));
  // As the document says.
  const Json entry = ask_json(small(), "GET", "/openapi.json")["components"]["schemas"]["Entry"];
  EXPECT_NE(entry.dump().find("\"deviation\""), std::string::npos);
}

TEST_F(Api, SaysWhatTheModelIs) {
  const Json model = ask_json(small(), "GET", "/api/model");
  EXPECT_EQ(model["name"], "small");
  EXPECT_EQ(model["version"], "v1");
  EXPECT_EQ(model["algorithm"], "mf");
  EXPECT_EQ(model["scale"], (Json{{"low", 1}, {"high", 5}, {"step", 1}}));
  EXPECT_EQ(model["genres"], (Json{"Comedy", "Drama", "War"}));
  EXPECT_TRUE(model["years"].is_null());
  EXPECT_EQ(model["feedback"], false);
  EXPECT_EQ(model["training_ratings"], 3);
  EXPECT_EQ(model["metadata"]["seed"], "1");
}

// Every kind of model that can be trained on so little has its lists, and no number is NaN.
TEST_F(Api, ServesEveryKindOfModel) {
  for (const char* model : {"mean", "popular", "bias", "mf", "item-knn", "user-knn", "slope-one",
                            "ease", "ials", "pure-svd", "content", "hybrid", "neural", "bayes"}) {
    const Context context{trained_served(model)};
    const Json info = ask_json(context, "GET", "/api/model");
    for (const char* target :
         {"/api/users/3/recommendations?explain=true", "/api/users/3/recommendations?min_ratings=2",
          "/api/items/popular", "/api/items/to-rate?k=3",
          "/api/users/x/recommendations?on_unknown=popular"}) {
      EXPECT_FALSE(ask_json(context, "GET", target)["items"].empty()) << model << " " << target;
    }
    const auto folded = ask(context, "POST", "/api/recommendations",
                            R"({"ratings": [{"item": "1", "rating": 5}]})");
    if (info["folds_in"] == true) {
      EXPECT_EQ(folded.status, 200) << model << folded.body;
    } else {
      expect_problem(folded, 422, "cannot-fold-in");
    }
  }
}

TEST_F(Api, EveryPathHasItsMethods) {
  expect_problem(ask(small(), "GET", "/nothing"), 404, "not-found");
  expect_problem(ask(small(), "GET", "/api/users/b"), 404, "not-found");
  const auto wrong = ask(small(), "POST", "/api/items");
  expect_problem(wrong, 405, "method-not-allowed");
  EXPECT_EQ(wrong.headers, (server::TextPairs{{"Allow", "GET, HEAD, OPTIONS"}}));
  const auto get = ask(small(), "GET", "/api/predict");
  EXPECT_EQ(get.headers, (server::TextPairs{{"Allow", "POST, OPTIONS"}}));
  EXPECT_EQ(ask(small(), "HEAD", "/api/items/popular").status, 200);
  expect_problem(ask(small(), "DELETE", "/"), 405, "method-not-allowed");
  expect_problem(ask(small(), "GET", "/metrics"), 404, "not-found");
  expect_problem(ask(small(), "POST", "/api/feedback", "{}"), 404, "feedback-off");
}

TEST_F(Api, TellsWhetherItIsReady) {
  EXPECT_EQ(ask(small(), "GET", "/health/ready").status, 200);
  Context stopping = small();
  stopping.stopping = true;
  expect_problem(ask(stopping, "GET", "/health/ready"), 503, "stopping");
  EXPECT_EQ(ask(stopping, "GET", "/health/live").status, 200);
}

TEST_F(Api, HasThePage) {
  const auto page = ask(small(), "GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.type, "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("<!doctype html>"), std::string::npos);
  EXPECT_EQ(ask(small(), "GET", "/index.html").body, page.body);
  server::Request again;
  again.method = "GET";
  again.headers = {{"if-none-match", page.headers.at(0).second}};
  const auto known = server::answer(small(), again);
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
}

TEST_F(Api, IsDescribedWhole) {
  const Json document = ask_json(small(), "GET", "/openapi.json");
  EXPECT_EQ(document["openapi"], "3.1.0");
  std::set<std::string> described;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      described.insert(method + " " + path);
      EXPECT_TRUE(operation.contains("responses")) << path;
    }
  }
  std::set<std::string> served;
  for (const server::Route& route : server::routes()) {
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    served.insert(method + " " + std::string(route.path));
    const Json& operation = document["paths"][std::string(route.path)][method];
    EXPECT_EQ(operation.contains("security"), route.is_open) << route.path;
  }
  EXPECT_EQ(described, served);
}

}  // namespace
}  // namespace tusk::test
