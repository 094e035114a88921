// What a conversation knows, as JSON.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/chat.hpp>
#include <tusk/error.hpp>
#include <tusk/recommend.hpp>
#include <tusk/train.hpp>

#include "tests/support/datasets.hpp"

namespace tusk::chat_state_tests {
namespace {

const auto cpu = open_device({"cpu", 1});

// Ratings of 1 to 5 by 40 users of the items "0" to "58"; nobody has rated "59".
Dataset ratings() {
  constexpr Index kUsers = 40;
  constexpr Index kItems = 60;
  std::vector<test::Rating> ratings;
  for (Index user = 0; user < kUsers; ++user) {
    for (Index item = 0; item + 1 < kItems; ++item) {
      if ((user * 7 + item * 5) % 4 != 0) continue;
      ratings.push_back({user, item, static_cast<float>(1 + (user * 3 + item * 2) % 5)});
    }
  }
  Dataset data = test::make_dataset(kUsers, kItems, ratings);
  data.catalogue = {};
  for (Index item = 0; item < kItems; ++item) {
    data.catalogue.title.push_back(fmt::format("Film {} ({})", item, 1960 + item));
    data.catalogue.genres.push_back(item % 3 == 0 ? "Comedy" : item % 3 == 1 ? "Drama" : "War");
  }
  return data;
}

const std::shared_ptr<const Model>& model() {
  static const auto trained = std::make_shared<const Model>(train(*cpu, ratings(), MfOptions()));
  return trained;
}

std::string id(Index item) { return model()->items.id(item); }

// Every field says something.
ChatState full_state() {
  ChatState state;
  state.user = 3;
  state.ratings = {{1, 4.5f}, {7, 1}};
  state.hidden = {2, 59};
  state.excluded_genres = {genre_names(model()->catalogue).back()};
  state.question.emplace();
  state.question->intent = ChatIntent::similar_to;
  state.question->seeds = {4, 59, 4};
  state.question->genres = {genre_names(model()->catalogue).front()};
  state.question->all_genres = true;
  state.question->from_year = 1990;
  state.question->to_year = 1999;
  state.question->tone = ChatTone::darker;
  state.k = 7;
  state.list = {{5, 0.1f, 3.97f, "because \"x\""}, {6, -2, std::nullopt, {}}};
  state.shown = {5, 6, 8};
  state.clarification.emplace(ChatClarification{{6, 5}});
  return state;
}

TEST(ChatStateJson, IsReadBackAsItIsWritten) {
  const Json json = to_json(*model(), full_state());
  EXPECT_EQ(json.size(), 9u) << "every field is written: " << json.dump(1);
  EXPECT_EQ(json["question"].size(), 7u) << json.dump(1);
  const ChatState read = parse_chat_state(*model(), Json::parse(json.dump()));
  EXPECT_EQ(to_json(*model(), read), json);
  EXPECT_EQ(read.user, 3);
  EXPECT_EQ(read.ratings, full_state().ratings);
  EXPECT_EQ(read.hidden, full_state().hidden);
  EXPECT_EQ(read.question->seeds, full_state().question->seeds);
  EXPECT_EQ(read.question->tone, ChatTone::darker);
  EXPECT_EQ(read.list.at(0).score, 0.1f);
  EXPECT_EQ(read.list.at(0).rating, 3.97f);
  EXPECT_EQ(read.shown, full_state().shown);
  EXPECT_EQ(read.clarification->items, full_state().clarification->items);
  EXPECT_EQ(to_json(*model(), ChatState()), Json::object());
  EXPECT_EQ(parse_chat_state(*model(), Json::object()).k, kUsualChatItems);
}

TEST(ChatStateJson, LeavesOutALongReason) {
  ChatState state;
  state.list = {{5, 1, std::nullopt, std::string(1001, 'x')}};
  EXPECT_FALSE(to_json(*model(), state)["list"][0].contains("reason"));
}

// One thing after the other is made wrong in a state that is right.
TEST(ChatStateJson, IsRefusedWhereAFieldIsWrong) {
  struct Fault {
    const char* field;  // that the message names
    std::function<void(Json&)> spoil;
  };
  const auto fill = [](std::size_t count, const Json& one) {
    Json list = Json::array();
    for (std::size_t n = 0; n < count; ++n) list.push_back(one);
    return list;
  };
  const std::vector<Fault> faults = {
      {"extra", [](Json& s) { s["extra"] = 1; }},
      {"user", [](Json& s) { s["user"] = "nobody"; }},
      {"user", [](Json& s) { s["user"] = 3; }},
      {"user", [](Json& s) { s["user"] = nullptr; }},
      {"ratings", [](Json& s) { s["ratings"] = Json::object(); }},
      {"ratings", [](Json& s) { s["ratings"][0] = "1"; }},
      {"ratings", [](Json& s) { s["ratings"][0].erase("rating"); }},
      {"ratings", [](Json& s) { s["ratings"][0]["more"] = 1; }},
      {"ratings", [](Json& s) { s["ratings"][0]["item"] = "unknown"; }},
      {"ratings", [](Json& s) { s["ratings"][0]["item"] = id(59); }},
      {"ratings", [](Json& s) { s["ratings"][0]["rating"] = 5.5; }},
      {"ratings", [](Json& s) { s["ratings"][0]["rating"] = 1e300; }},
      {"ratings", [](Json& s) { s["ratings"][0]["rating"] = "5"; }},
      {"ratings", [](Json& s) { s["ratings"][1] = s["ratings"][0]; }},
      {"ratings",
       [&](Json& s) { s["ratings"] = fill(kMostChatRatings + 1, Json(s["ratings"][0])); }},
      {"hidden", [](Json& s) { s["hidden"] = "1"; }},
      {"hidden", [](Json& s) { s["hidden"][0] = "unknown"; }},
      {"hidden", [](Json& s) { s["hidden"][0] = s["hidden"][1]; }},
      {"hidden", [&](Json& s) { s["hidden"] = fill(61, Json(s["hidden"][0])); }},
      {"excluded_genres", [](Json& s) { s["excluded_genres"][0] = "Cookery"; }},
      {"excluded_genres", [](Json& s) { s["excluded_genres"][0] = 1; }},
      {"excluded_genres",
       [](Json& s) { s["excluded_genres"].push_back(Json(s["excluded_genres"][0])); }},
      {"question", [](Json& s) { s["question"] = 1; }},
      {"question", [](Json& s) { s["question"].erase("seeds"); }},
      {"question", [](Json& s) { s["question"]["intent"] = "popular"; }},
      {"extra", [](Json& s) { s["question"]["extra"] = 1; }},
      {"intent", [](Json& s) { s["question"]["intent"] = "help"; }},
      {"intent", [](Json& s) { s["question"]["intent"] = 1; }},
      {"seeds", [](Json& s) { s["question"]["seeds"][0] = "unknown"; }},
      {"seeds", [&](Json& s) { s["question"]["seeds"] = fill(21, id(4)); }},
      {"genres", [](Json& s) { s["question"]["genres"][0] = "Cookery"; }},
      {"all_genres", [](Json& s) { s["question"]["all_genres"] = 1; }},
      {"from_year", [](Json& s) { s["question"]["from_year"] = 1990.5; }},
      {"from_year", [](Json& s) { s["question"]["from_year"] = 1e18; }},
      {"to_year", [](Json& s) { s["question"]["to_year"] = -1; }},
      {"tone", [](Json& s) { s["question"]["tone"] = "newer"; }},
      {"k", [](Json& s) { s["k"] = 0; }},
      {"k", [](Json& s) { s["k"] = 101; }},
      {"k", [](Json& s) { s["k"] = "5"; }},
      {"list", [](Json& s) { s["list"][0] = "1"; }},
      {"list", [](Json& s) { s["list"][0].erase("item"); }},
      {"list", [](Json& s) { s["list"][1] = s["list"][0]; }},
      {"list", [&](Json& s) { s["list"] = fill(101, Json(s["list"][0])); }},
      {"extra", [](Json& s) { s["list"][0]["extra"] = 1; }},
      {"item", [](Json& s) { s["list"][0]["item"] = "unknown"; }},
      {"score", [](Json& s) { s["list"][0]["score"] = 1e39; }},
      {"score", [](Json& s) { s["list"][0]["score"] = nullptr; }},
      {"rating", [](Json& s) { s["list"][0]["rating"] = 0; }},
      {"reason", [](Json& s) { s["list"][0]["reason"] = std::string(1001, 'x'); }},
      {"reason", [](Json& s) { s["list"][0]["reason"] = "\xff"; }},
      {"shown", [](Json& s) { s["shown"][0] = -1; }},
      {"shown", [](Json& s) { s["shown"][0] = s["shown"][1]; }},
      {"clarification", [](Json& s) { s["clarification"] = "which?"; }},
      {"clarification", [](Json& s) { s["clarification"] = Json::object(); }},
      {"clarification", [](Json& s) { s["clarification"]["items"] = Json::array({id(5)}); }},
      {"clarification", [](Json& s) { s["clarification"]["items"][0] = id(5); }},
      {"items", [](Json& s) { s["clarification"]["items"][0] = "unknown"; }},
      {"items", [&](Json& s) { s["clarification"]["items"] = fill(6, id(5)); }},
      {"question", [](Json& s) { s["clarification"]["question"] = "which?"; }},
  };
  const Json right = to_json(*model(), full_state());
  for (std::size_t f = 0; f < faults.size(); ++f) {
    Json json = right;
    faults[f].spoil(json);
    try {
      parse_chat_state(*model(), json);
      ADD_FAILURE() << "fault " << f << " of " << faults[f].field << " is taken";
    } catch (const InputError& error) {
      const std::string field = "\"" + std::string(faults[f].field) + "\"";
      EXPECT_NE(std::string(error.what()).find(field), std::string::npos) << error.what();
      EXPECT_LT(std::string(error.what()).size(), 300u) << error.what();
    }
  }
}

TEST(ChatStateJson, MustBeAnObject) {
  for (const Json& json : {Json::array(), Json(nullptr), Json("state")}) {
    try {
      parse_chat_state(*model(), json);
      ADD_FAILURE() << json;
    } catch (const InputError& error) {
      EXPECT_STREQ(error.what(), "state: it must be a JSON object");
    }
  }
}

// However much is said at a time, the state is one that is taken.
TEST(ChatStateJson, IsTakenBehindLongRequests) {
  const Chat chat(*cpu, model());
  const auto taken = [&](const ChatState& state) {
    EXPECT_NO_THROW(parse_chat_state(*model(), to_json(*model(), state)));
  };
  std::string many = "like Film 0";
  for (int film = 1; film < 25; ++film) many += fmt::format(", Film {}", film);
  ChatState state;
  chat.answer(state, many);
  ASSERT_TRUE(state.question.has_value());
  EXPECT_EQ(state.question->seeds.size(), kMostChatTexts);
  taken(state);
  ChatRequest twice;
  twice.intent = ChatIntent::similar_to;
  twice.titles = {"Film 1", "Film 1 (1961)"};
  twice.genres = {"Comedy", "comedy"};
  twice.excluded_genres = {"War", "war", "War"};
  chat.answer(state, twice);
  EXPECT_EQ(state.question->seeds, std::vector<Index>{1});
  EXPECT_EQ(state.question->genres, std::vector<std::string>{"Comedy"});
  EXPECT_FALSE(state.question->all_genres);
  taken(state);
}

TEST(ChatStateJson, HasNoMoreRatingsThanAreTaken) {
  constexpr auto kItems = static_cast<Index>(kMostChatRatings + 1);
  std::vector<test::Rating> all;
  for (Index item = 0; item < kItems; ++item) {
    all.push_back({item % 2, item, static_cast<float>(1 + item % 5)});
  }
  Dataset data = test::make_dataset(2, kItems, all);
  data.catalogue = {};
  for (Index item = 0; item < kItems; ++item) {
    data.catalogue.title.push_back(fmt::format("Film {}", item));
    data.catalogue.genres.push_back("Drama");
  }
  const Chat chat(*cpu, std::make_shared<const Model>(train(*cpu, data, PopularOptions())));
  ChatState state;
  for (Index item = 0; item + 1 < kItems; ++item) state.ratings[item] = 3;
  ChatRequest rate;
  rate.intent = ChatIntent::rate;
  rate.ratings = {{"Film 10000", 5}, {"Film 7", 5}};
  const ChatReply reply = chat.answer(state, rate);
  EXPECT_EQ(state.ratings.size(), kMostChatRatings);
  EXPECT_EQ(state.ratings.at(7), 5) << "another rating of the same title";
  EXPECT_EQ(reply.rated.size(), 1u);
  EXPECT_NE(reply.text.find("at most 10000 ratings"), std::string::npos) << reply.text;
  EXPECT_NO_THROW(parse_chat_state(chat.model(), to_json(chat.model(), state)));
}

// Conversations of every kind of model come to states that are taken, and go on as before.
TEST(ChatStateJson, IsThatOfAConversation) {
  const Dataset data = ratings();
  for (const AlgorithmInfo* algorithm : algorithms()) {
    SCOPED_TRACE(algorithm->name);
    const auto trained =
        std::make_shared<const Model>(train(*cpu, data, TrainOptions(algorithm->name)));
    const Chat chat(*cpu, trained);
    const std::string title = title_of(*trained, 4);
    ChatState state;
    for (const std::string& text :
         {std::string("recommend something"), "I loved \"" + title + "\"", std::string("more"),
          "like \"" + title + "\" but lighter", std::string("before 2000"), std::string("why?"),
          "I have seen \"" + title_of(*trained, 5) + "\"", std::string("best ones"),
          std::string("help me choose"), std::string("a drama")}) {
      ChatState read = parse_chat_state(*trained, Json::parse(to_json(*trained, state).dump()));
      const ChatReply reply = chat.answer(state, text);
      EXPECT_EQ(to_json(*trained, chat.answer(read, text)), to_json(*trained, reply)) << text;
      EXPECT_EQ(to_json(*trained, read), to_json(*trained, state)) << text;
    }
  }
}

}  // namespace
}  // namespace tusk::chat_state_tests
