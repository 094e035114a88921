// Requests of a conversation as JSON.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <tusk/chat_request.hpp>
#include <tusk/error.hpp>

#include "tests/support/paths.hpp"

namespace tusk::chat_request_tests {
namespace {

ChatRequest full_request() {
  ChatRequest request;
  request.intent = ChatIntent::similar_to;
  request.genres = {"Comedy", "Drama"};
  request.all_genres = true;
  request.excluded_genres = {"Horror"};
  request.titles = {"Heat (1995)"};
  request.excluded_titles = {"Up (2009)"};
  request.ratings = {{"Alien (1979)", 4.5f}};
  request.k = 7;
  request.from_year = 1990;
  request.to_year = 1999;
  request.tone = ChatTone::darker;
  request.reset = true;
  request.unsupported = {"by Tarantino"};
  return request;
}

void refused(const char* json, const char* message) {
  try {
    parse_chat_request(Json::parse(json));
    ADD_FAILURE() << json;
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(ChatRequest, IsReadBackAsItIsWritten) {
  const Json json = to_json(full_request());
  EXPECT_EQ(to_json(parse_chat_request(json)), json);
  EXPECT_EQ(json.size(), chat_request_schema()["properties"].size()) << "every field is written";
  EXPECT_EQ(to_json({ChatIntent::help}), Json::parse(R"({"intent": "help"})"));
}

TEST(ChatRequest, SaysNothingWhereAFieldIsNullOrMissing) {
  Json json = {{"intent", "more"}};
  const Json properties = chat_request_schema()["properties"];
  for (const auto& [field, schema] : properties.items()) {
    if (field != "intent") json[field] = nullptr;
  }
  EXPECT_EQ(to_json(parse_chat_request(json)), Json::parse(R"({"intent": "more"})"));
}

TEST(ChatRequest, IsRefusedWhereTheSchemaDoesNotAllowIt) {
  refused("[]", "JSON object");
  refused("{}", "\"intent\" is missing");
  refused(R"({"intent": null})", "intent");
  refused(R"({"intent": "buy"})", "recommend_genre");
  refused(R"({"intent": "more", "k": -1})", "0 to 1000000");
  refused(R"({"intent": "more", "k": 1000001})", "0 to 1000000");
  refused(R"({"intent": "more", "k": 2.5})", "whole number");
  refused(R"({"intent": "more", "k": "7"})", "whole number");
  refused(R"({"intent": "more", "k": 1e300})", "whole number");
  refused(R"({"intent": "more", "from_year": 90})", "from_year");
  refused(R"({"intent": "more", "genre": "Comedy"})", "list");
  refused(R"({"intent": "more", "genre": [1]})", "text");
  refused(R"({"intent": "rate", "ratings": [{"title": "Heat"}]})", "stars");
  refused(R"({"intent": "rate", "ratings": [{"title": "Heat", "stars": 6}]})", "stars");
  refused(R"({"intent": "rate", "ratings": [{"title": "Heat", "stars": 6, "x": 1}]})", "stars");
  refused(R"({"intent": "filter", "tone": "sad"})", "lighter");
  refused(R"({"intent": "filter", "reset": 1})", "true or false");
  refused(R"({"intent": "help", "surprise": 1})", "no field \"surprise\"");
  refused(R"({"intent": "help", "surprise": null})", "no field \"surprise\"");
  const std::string long_text(401, 'a');
  refused((R"({"intent": "explain", "title": [")" + long_text + R"("]})").c_str(), "400 bytes");
}

TEST(ChatRequest, HasTheSchemaOfTheDocs) {
  std::ifstream file(test::source_folder() / "docs/chat.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const auto begin = text.find("```json\n{\n  \"$schema\"");
  ASSERT_NE(begin, std::string::npos);
  const auto end = text.find("```", begin + 8);
  EXPECT_EQ(text.substr(begin + 8, end - begin - 9), chat_request_schema().dump(2));
}

}  // namespace
}  // namespace tusk::chat_request_tests
