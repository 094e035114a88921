// The conversation of the API, without a language model and with one.
#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/llm.hpp>
#include <tusk/model_file.hpp>

#include "server/serve.hpp"
#include "tests/server/fixture.hpp"
#include "tests/server/running_server.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk::test {
namespace {

using namespace std::chrono_literals;
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

// Reads by a function of the test, and finds the last of the items that it compares the best.
class ScriptedAssistant : public ChatAssistant {
 public:
  using Reads = std::function<ChatIntent(std::string_view)>;
  explicit ScriptedAssistant(Reads reads) : reads_(std::move(reads)) {}

  ChatRequest read(std::string_view text, const ChatContext&) const override {
    ChatRequest request;
    request.intent = reads_(text);
    return request;
  }
  std::string question(std::span<const ChatDescription>) const override { return "Old or new?"; }
  std::optional<std::vector<std::vector<float>>> embed(
      std::span<const std::string> texts) const override {
    std::vector<std::vector<float>> vectors(texts.size(), {0, 1});
    vectors.front() = vectors.back() = {1, 0};
    return vectors;
  }

 private:
  Reads reads_;
};

std::shared_ptr<const server::ServedModel> served_with(ScriptedAssistant::Reads reads) {
  return titled_served("mf", std::make_shared<ScriptedAssistant>(std::move(reads)));
}

std::string chat_request(const std::string& text) {
  const std::string body = Json{{"text", text}}.dump();
  return fmt::format(
      "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      body.size(), body);
}

void wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!condition() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(5ms);
  EXPECT_TRUE(condition()) << "within 10 s";
}

TEST(ChatWithAssistant, TellsWhoReadAndHowAnswersMatch) {
  RunningServer server({}, served_with([](std::string_view text) {
                         return text == "liste" ? ChatIntent::popular : ChatIntent::clarify;
                       }));
  HttpClient client(server.port());
  const Json list = client.post("/api/chat", R"({"text": "liste"})").json();
  EXPECT_EQ(list["intent"], "popular");
  EXPECT_EQ(list["read_by"], "llm");
  EXPECT_FALSE(list.contains("notice"));
  EXPECT_FALSE(list["items"][0].contains("match"));
  const auto say = [&](const std::string& text, const Json& state) {
    return client.post("/api/chat", Json{{"text", text}, {"state", state}}.dump()).json();
  };
  const Json asked = say("wählen", list["state"]);
  EXPECT_NE(asked["text"].get<std::string>().find("Old or new?"), std::string::npos) << asked;
  const Json answer = say("qwertz", asked["state"]);
  EXPECT_EQ(answer["source"], "answer") << answer;
  EXPECT_EQ(answer["read_by"], "llm");
  ASSERT_EQ(answer["items"].size(), list["items"].size());
  EXPECT_EQ(answer["items"][0]["id"], list["items"].back()["id"]);
  EXPECT_GT(answer["items"][0]["match"], answer["items"][1]["match"]);
  EXPECT_TRUE(server.warnings().empty());
}

TEST(ChatWithAssistant, WarnsOfEachReasonOnce) {
  RunningServer server({}, served_with([](std::string_view text) -> ChatIntent {
                         throw Error(text == "help" ? "it is away" : "it is broken");
                       }));
  HttpClient client(server.port());
  for (const char* text : {"help", "best titles", "help", "best titles"}) {
    const Json reply = client.post("/api/chat", Json{{"text", text}}.dump()).json();
    EXPECT_EQ(reply["read_by"], "router");
    EXPECT_NE(reply["notice"].get<std::string>().find("it is "), std::string::npos) << reply;
  }
  const std::vector<std::string> warnings = server.warnings();
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("it is away"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("it is broken"), std::string::npos) << warnings[1];
}

TEST(ChatWithAssistant, HoldsUpNothingElse) {
  constexpr int kTalkingThreads = 16;
  std::atomic<int> asked = 0;
  std::promise<void> go;
  RunningServer server({}, served_with([&, gone = go.get_future().share()](std::string_view) {
                         ++asked;
                         gone.wait();
                         return ChatIntent::popular;
                       }));
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int n = 0; n < 2 * kTalkingThreads; ++n) {
    clients.push_back(std::make_unique<HttpClient>(server.port()));
    clients.back()->send(chat_request("liste"));
  }
  wait_until([&] { return asked >= kTalkingThreads; });
  EXPECT_EQ(HttpClient(server.port()).get("/health/ready").status, 200);
  expect_serves(server);
  EXPECT_EQ(asked, kTalkingThreads);
  go.set_value();
  for (auto& client : clients) {
    const HttpAnswer answer = client->receive();
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["read_by"], "llm");
  }
}

TEST(ChatWithAssistant, ConversationsWithoutOneCompute) {
  const server::Route& chat = *server::find_route("POST", {"api", "chat"}).route;
  EXPECT_EQ(work_of(chat, {titled_served()}), server::Work::computing);
  const auto helped = served_with([](std::string_view) { return ChatIntent::help; });
  EXPECT_EQ(work_of(chat, {helped}), server::Work::talking);
  const server::Route& feedback = *server::find_route("POST", {"api", "feedback"}).route;
  EXPECT_EQ(work_of(feedback, {titled_served()}), server::Work::saving);
}

TEST(ChatWithAssistant, WhatIsCutOffIsToldThatTheServerStops) {
  const Context context{served_with([](std::string_view) -> ChatIntent { throw Interrupted(); })};
  expect_problem(ask(context, "POST", "/api/chat", R"({"text": "help"})"), 503, "stopping");
}

// The time that serve() goes on after so many signals while a language model does not answer.
std::chrono::duration<double> time_to_stop(std::chrono::milliseconds stop_time, int signals) {
  const TempFolder folder;
  const ScriptedServer llm(
      [](const ScriptedRequest&, const ScriptedServer::Client& client) { client.wait(); });
  server::ServeOptions options;
  options.model = folder.path() / "model.safetensors";
  save_model(titled_served()->model(), options.model);
  options.http.limits.stop_time = stop_time;
  options.open_assistant = [&](std::function<bool()> stop) {
    LlmOptions of_llm;
    of_llm.url = llm.url();
    of_llm.model = "small";
    of_llm.timeout = 60;
    of_llm.stop = std::move(stop);
    return open_llm(of_llm);
  };
  std::promise<std::uint16_t> ready;
  options.on_ready = [&](std::uint16_t port) { ready.set_value(port); };
  std::future<void> serving = std::async(std::launch::async, [&] { server::serve(options); });
  HttpClient client(ready.get_future().get());
  client.send(chat_request("x"));
  wait_until([&] { return !llm.requests().empty(); });
  const auto began = std::chrono::steady_clock::now();
  for (int n = 0; n < signals; ++n) std::raise(SIGTERM);
  serving.get();
  return std::chrono::steady_clock::now() - began;
}

TEST(ChatWithAssistant, DoesNotKeepTheServerFromStopping) {
  const auto after_one = time_to_stop(500ms, 1);
  EXPECT_GE(after_one, 400ms) << "requests have their time";
  EXPECT_LT(after_one, 1500ms);
  EXPECT_LT(time_to_stop(60s, 2), 1s);
}

}  // namespace
}  // namespace tusk::test
