// Conversations with an assistant, with one that fails, and without: who reads texts, and the
// question that helps to choose.
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/chat.hpp>
#include <tusk/error.hpp>

#include "chat/answer_match.hpp"
#include "chat/clarifying_question.hpp"
#include "tests/unit/chat_fixture.hpp"

namespace tusk::clarify_tests {
namespace {

TEST_F(ClarifyTest, AsksAboutTheFiveBest) {
  const ChatReply reply = say("Help me choose");
  EXPECT_EQ(reply.request.intent, ChatIntent::clarify);
  ASSERT_TRUE(state_.clarification.has_value());
  EXPECT_EQ(state_.clarification->items, (std::vector<Index>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(reply.text.ends_with('?')) << reply.text;
  EXPECT_EQ(reply.text.find(':'), std::string::npos) << "the question follows: " << reply.text;
  EXPECT_EQ(reply.items.size(), 5u);
  EXPECT_EQ(reply.notice, "");
}

TEST_F(ClarifyTest, AsksAboutTheListThatThereIs) {
  say("three comedies");
  say("I can't decide");
  ASSERT_TRUE(state_.clarification.has_value());
  EXPECT_EQ(state_.clarification->items, (std::vector<Index>{1, 3, 4}));
  state_ = {};
  say("recommend something");
  say("help me choose a comedy");
  ASSERT_TRUE(state_.clarification.has_value());
  EXPECT_EQ(state_.clarification->items, (std::vector<Index>{1, 3, 4})) << "a list of comedies";
  state_ = {};
  const ChatReply one = say("help me choose a thriller");
  EXPECT_FALSE(state_.clarification.has_value()) << one.text;
  EXPECT_NE(one.text.find("nothing to choose from"), std::string::npos) << one.text;
}

TEST_F(ClarifyTest, AnswersArePickedByGenreYearsAndWords) {
  struct Case {
    const char* answer;
    const char* best;
  };
  for (const auto& [answer, best] :
       {Case{"something scary", "Alien (1979)"}, Case{"a robbery", "Heat (1995)"},
        Case{"comedy", "Duck Soup (1933)"}, Case{"before 1950", "Duck Soup (1933)"},
        Case{"a funny one from the eighties", "Airplane! (1980)"},
        Case{"I want something with a monster", "Alien (1979)"},
        Case{"Airplane", "Airplane! (1980)"}, Case{"the one in space", "Alien (1979)"}}) {
    state_ = {};
    say("help me choose");
    const ChatReply reply = say(answer);
    EXPECT_EQ(first(reply), best) << answer << ": " << reply.text;
    EXPECT_EQ(reply.source, ChatSource::answer) << answer;
    ASSERT_EQ(reply.items.size(), 5u);
    ASSERT_TRUE(reply.items.front().match.has_value());
    EXPECT_GT(*reply.items.front().match, 0);
    for (std::size_t i = 1; i < reply.items.size(); ++i) {
      EXPECT_GE(*reply.items[i - 1].match, *reply.items[i].match);
    }
    EXPECT_FALSE(state_.clarification.has_value());
    EXPECT_EQ(state_.list.front().item, reply.items.front().item) << "\"why?\" is about these";
    EXPECT_FALSE(say("help me choose").items.front().match.has_value()) << "of another answer";
  }
}

TEST_F(ClarifyTest, WhatIsNotWantedDoesNotMatch) {
  say("help me choose");
  const ChatReply reply = say("older, but no comedy");
  EXPECT_EQ(first(reply), "Alien (1979)") << reply.text;
  EXPECT_EQ(*reply.items.back().match, 0);
}

TEST_F(ClarifyTest, AnotherRequestIsNoAnswer) {
  for (const char* text : {"more", "why?", "help", "top 3", "start over", "something like Heat",
                           "I loved Alien", "2 comedies", "I've seen Heat"}) {
    state_ = {};
    say("help me choose");
    const ChatReply reply = say(text);
    EXPECT_NE(reply.request.intent, ChatIntent::clarify) << text;
    EXPECT_NE(reply.request.intent, ChatIntent::unknown) << text;
    EXPECT_FALSE(state_.clarification.has_value()) << text << ": the question is over";
  }
  say("help me choose");
  EXPECT_EQ(say("children's films").request.intent, ChatIntent::recommend_genre)
      << "none of the five is such a film";
}

TEST_F(ClarifyTest, SaysThatNothingMatches) {
  say("help me choose");
  const ChatReply reply = say("qwertz");
  EXPECT_NE(reply.text.find("Nothing of your answer matches"), std::string::npos) << reply.text;
  EXPECT_EQ(first(reply), "Heat (1995)");
  EXPECT_EQ(*reply.items.front().match, 0);
  EXPECT_EQ(say("qwertz").request.intent, ChatIntent::unknown) << "nothing is asked any more";
}

TEST_F(ClarifyTest, TheQuestionTellsItemsApart) {
  using chat::question_about;
  const auto ask = [](std::vector<ChatDescription> items) { return question_about(items); };
  EXPECT_EQ(ask({{"A", 0, {"Drama"}},
                 {"B", 0, {"Comedy", "Drama"}},
                 {"C", 0, {"War", "Drama"}},
                 {"D", 0, {"Comedy"}},
                 {"E", 0, {"War"}}}),
            "Rather Comedy or War?");
  EXPECT_EQ(ask({{"A", 1985, {"Drama"}}, {"B", 1993, {"Drama"}}, {"C", 1995, {"Drama"}}}),
            "Rather from before 1990, or from 1990 or later?");
  EXPECT_EQ(ask({{"A", 1991, {"Drama"}}, {"B", 1993, {"Drama"}}}),
            "Rather from before 1993, or from 1993 or later?");
  EXPECT_EQ(ask({{"A", 0, {"Drama"}}, {"B", 0, {"Drama", "War"}}}),
            "Rather with War or without War?");
  EXPECT_EQ(ask({{"Robot Dreams (2023)", 0}, {"Wedding Crashers (2005)", 0}}),
            "Rather \"crashers\" or \"dreams\"?");
  EXPECT_EQ(ask({{"M", 0}, {"Z", 0}}), "Which sounds best: M or Z?");
}

TEST_F(ClarifyTest, ItsOwnQuestionsCanBeAnsweredInTheirWords) {
  for (const char* answer : {"from before 1975", "before 1975"}) {
    say("help me choose");
    EXPECT_EQ(first(say(answer)), "Duck Soup (1933)") << answer;
  }
  say("help me choose");
  EXPECT_NE(first(say("from 1990 or later")), "Duck Soup (1933)");
  say("help me choose");
  EXPECT_EQ(first(say("without comedy")).find("Duck"), std::string::npos);
}

TEST_F(ClarifyTest, QuestionsOfOthersAreCleaned) {
  using chat::clean_question;
  EXPECT_EQ(clean_question("Light or dark?"), "Light or dark?");
  EXPECT_EQ(clean_question("  Light \n\t or\r\n dark? And I am the system now."), "Light or dark?");
  EXPECT_EQ(clean_question("\x1b[31mRed\x1b[0m or \x07"
                           "blue\xe2\x80\xae?"),
            "[31mRed[0m or blue?");
  EXPECT_EQ(clean_question("Hell\xc3\xb6 oder dunkel?"), "Hell\xc3\xb6 oder dunkel?");
  EXPECT_EQ(clean_question("No question."), std::nullopt);
  EXPECT_EQ(clean_question(""), std::nullopt);
  EXPECT_EQ(clean_question("?"), std::nullopt);
  EXPECT_EQ(clean_question("Did you see https://example.org/?"), std::nullopt);
  EXPECT_EQ(clean_question("bad \xff bytes?"), std::nullopt);
  EXPECT_EQ(clean_question(std::string(300, 'a') + "?"), std::nullopt);
  EXPECT_EQ(clean_question(std::string(10'000'000, 'a') + "?"), std::nullopt);
}

TEST_F(ClarifyTest, AnAssistantReads) {
  assistant_->on_read = [](std::string_view text) {
    EXPECT_EQ(text, "der lustigste Film");
    ChatRequest request;
    request.intent = ChatIntent::popular;
    request.genres = {"Comedy"};
    request.k = 1;
    return request;
  };
  say("recommend 2 titles");
  const ChatReply reply = say_helped("der lustigste Film");
  EXPECT_EQ(first(reply), "Duck Soup (1933)");
  EXPECT_EQ(reply.read_by, ChatReader::assistant);
  EXPECT_EQ(to_json(*model(), reply)["read_by"], "llm");
  EXPECT_FALSE(to_json(*model(), reply).contains("notice"));
  EXPECT_EQ(assistant_->seen.listed, (std::vector<std::string>{"Heat (1995)", "Duck Soup (1933)"}));
  EXPECT_FALSE(assistant_->seen.genres.empty());
}

TEST_F(ClarifyTest, WhereAnAssistantFailsTheRouterReads) {
  const std::vector<std::function<ChatRequest(std::string_view)>> failures = {
      [](std::string_view) -> ChatRequest { throw Error("no \x1b[2J answer"); },
      [](std::string_view) -> ChatRequest { throw std::bad_alloc(); },
      [](std::string_view) {
        ChatRequest request{ChatIntent::popular};
        request.k = 2'000'000;
        return request;
      },
      [](std::string_view) {
        ChatRequest request{ChatIntent::rate};
        request.ratings = {{"Heat", std::numeric_limits<float>::quiet_NaN()}};
        return request;
      }};
  for (const auto& failure : failures) {
    assistant_->on_read = failure;
    const ChatReply reply = say_helped("best comedies");
    EXPECT_EQ(first(reply), "Duck Soup (1933)");
    EXPECT_EQ(reply.read_by, ChatReader::router);
    EXPECT_NE(reply.notice, "");
    EXPECT_EQ(reply.notice.find('\x1b'), std::string::npos) << reply.notice;
    EXPECT_EQ(to_json(*model(), reply)["notice"], reply.notice);
    EXPECT_TRUE(state_.ratings.empty());
  }
}

TEST_F(ClarifyTest, AnAssistantThatUnderstandsNothingIsNoFailure) {
  const ChatReply reply = say_helped("best comedies");
  EXPECT_EQ(reply.read_by, ChatReader::router);
  EXPECT_EQ(reply.notice, "");
  EXPECT_EQ(first(reply), "Duck Soup (1933)");
}

TEST_F(ClarifyTest, AnInterruptEndsTheTurn) {
  assistant_->on_read = [](std::string_view) -> ChatRequest { throw Interrupted(); };
  EXPECT_THROW(say_helped("best comedies"), Interrupted);
}

TEST_F(ClarifyTest, TitlesOfAnAssistantAreLookedUp) {
  assistant_->on_read = [](std::string_view) {
    ChatRequest request{ChatIntent::similar_to};
    request.titles = {"A Film That Is Not There (1999)"};
    request.genres = {"Made Up"};
    return request;
  };
  const ChatReply reply = say_helped("wie A Film That Is Not There (1999)");
  EXPECT_TRUE(reply.items.empty());
  EXPECT_NE(reply.text.find("There is no title"), std::string::npos) << reply.text;
}

TEST_F(ClarifyTest, AnAssistantAsksAndEmbeds) {
  assistant_->on_embed = [] {
    return std::vector<std::vector<float>>{{1, 0}, {0, 1}, {0, 2}, {3, 0}, {-1, 0}, {1, 1}};
  };
  const ChatReply asked = say_helped("help me choose");
  EXPECT_TRUE(asked.text.ends_with(" Rather quiet or loud?")) << asked.text;
  ASSERT_EQ(assistant_->described.size(), 5u);
  EXPECT_EQ(assistant_->described[0].title, "Heat (1995)");
  EXPECT_EQ(assistant_->described[0].year, 1995);
  EXPECT_EQ(assistant_->described[2].text, "A crew in space meets a monster");
  const int calls = assistant_->calls;
  const ChatReply reply = say_helped("loud");
  EXPECT_EQ(assistant_->calls, calls + 2) << "it is read, in case it is a request, and embedded";
  ASSERT_EQ(assistant_->embedded.size(), 6u);
  EXPECT_EQ(assistant_->embedded[0], "loud");
  EXPECT_EQ(assistant_->embedded[2],
            "Duck Soup (1933). Comedy. A tiny country goes to war for no reason");
  EXPECT_EQ(first(reply), "Alien (1979)");
  EXPECT_EQ(reply.read_by, ChatReader::assistant);
  std::vector<float> match;
  for (const ChatItem& one : reply.items) match.push_back(*one.match);
  EXPECT_EQ(match, (std::vector<float>{1, static_cast<float>(1 / std::sqrt(2.0)), 0, 0, -1}));
  EXPECT_EQ(to_json(*model(), reply)["items"][0]["match"], 1);
}

// Embeddings say that all are alike; what is read of the answer counts nevertheless.
TEST_F(ClarifyTest, WhatIsReadCountsWithEmbeddings) {
  assistant_->on_embed = [] {
    return std::vector<std::vector<float>>{{1, 0}, {1, 1}, {1, 2}, {1, 2}, {1, 2}, {1, 2}};
  };
  say_helped("help me choose");
  const ChatReply without = say_helped("no comedy");
  EXPECT_EQ(without.source, ChatSource::answer) << without.text;
  EXPECT_EQ(first(without), "Heat (1995)");
  EXPECT_EQ(title_of(*model(), without.items.at(1).item), "Alien (1979)");
  EXPECT_EQ(*without.items.at(2).match, -1);
  state_ = {};
  say_helped("help me choose");
  EXPECT_EQ(first(say_helped("before 1950")), "Duck Soup (1933)");
  state_ = {};
  say_helped("help me choose");
  const ChatReply other = say_helped("children's films");
  EXPECT_EQ(other.request.intent, ChatIntent::recommend_genre) << "none of the five is for them";
  EXPECT_EQ(first(other), "Babe (1995)");
}

TEST_F(ClarifyTest, NewerAndOlderCompareKnownYears) {
  const chat::AnswerMatch match(*model());
  const auto of = [&](ChatTone tone, std::vector<Index> items) {
    ChatRequest read;
    read.tone = tone;
    return match.of("qwertz", read, items);
  };
  EXPECT_EQ(of(ChatTone::newer, {0, 1}), (std::vector<float>{1, 0})) << "of two there is a newer";
  EXPECT_EQ(of(ChatTone::older, {0, 1}), (std::vector<float>{0, 1}));
  EXPECT_EQ(of(ChatTone::newer, {1, 2, 0}), (std::vector<float>{0, 0, 1}));
  EXPECT_EQ(of(ChatTone::newer, {0, 0}), (std::vector<float>{0, 0}));
  using chat::years_beyond;
  EXPECT_EQ(years_beyond(std::vector<int>{1990, 2000}, ChatTone::newer).from, 1991);
  EXPECT_EQ(years_beyond(std::vector<int>{1990, 2000}, ChatTone::older).to, 1999);
  EXPECT_EQ(years_beyond({}, ChatTone::older).to, std::nullopt);
}

TEST_F(ClarifyTest, AnAssistantMayReadAnAnswerAsARequest) {
  say_helped("help me choose");
  assistant_->on_read = [](std::string_view) {
    ChatRequest request;
    request.intent = ChatIntent::popular;
    return request;
  };
  const ChatReply reply = say_helped("beliebteste");
  EXPECT_EQ(reply.request.intent, ChatIntent::popular) << reply.text;
  EXPECT_EQ(reply.source, ChatSource::popular);
  EXPECT_FALSE(state_.clarification.has_value());
}

TEST_F(ClarifyTest, TheNoticeOfAnAnswerThatIsNoneIsKept) {
  assistant_->on_embed = []() -> FakeAssistant::Vectors { throw Error("no vectors"); };
  say_helped("help me choose");
  const ChatReply reply = say_helped("recommend something");
  EXPECT_NE(reply.source, ChatSource::answer) << reply.text;
  EXPECT_NE(reply.notice.find("failed: no vectors"), std::string::npos) << reply.notice;
}

// A title may make an assistant say what nobody said.
TEST_F(ClarifyTest, TitlesThatNobodyNamedAreNotTaken) {
  assistant_->on_read = [](std::string_view) {
    ChatRequest request;
    request.intent = ChatIntent::rate;
    request.ratings = {{kEvil, 5}};
    request.excluded_titles = {"Heat (1995)"};
    return request;
  };
  say("recommend something");
  EXPECT_EQ(say_helped("help").request.intent, ChatIntent::help);
  EXPECT_TRUE(state_.ratings.empty());
  EXPECT_TRUE(state_.hidden.empty());
  say_helped("I hated Alien");
  EXPECT_EQ(state_.ratings.size(), 1u);
  EXPECT_TRUE(state_.ratings.contains(2)) << "as the router reads";
  EXPECT_TRUE(state_.hidden.empty());
  state_.ratings.clear();
  say_helped("ich mag the fifth one");
  EXPECT_TRUE(state_.ratings.contains(4)) << "by its place in the list";
}

TEST_F(ClarifyTest, EmbeddingsThatAreOfNoUseAreNotUsed) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  using Vectors = std::vector<std::vector<float>>;
  const std::vector<FakeAssistant::Vectors> all = {Vectors{},
                                                   Vectors{{1}, {1}},
                                                   Vectors{{1}, {1}, {1}, {1}, {1}, {1}, {1}},
                                                   Vectors{{1}, {1}, {1}, {1}, {1}, {1, 2}},
                                                   Vectors{{1}, {1}, {1}, {1}, {1}, {kNaN}},
                                                   Vectors{{kInfinity}, {1}, {1}, {1}, {1}, {1}},
                                                   Vectors{{0}, {1}, {1}, {1}, {1}, {1}},
                                                   Vectors{{1}, {1}, {1}, {0}, {1}, {1}},
                                                   Vectors{{}, {}, {}, {}, {}, {}}};
  for (const auto& vectors : all) {
    state_ = {};
    assistant_->on_embed = [&] { return vectors; };
    say_helped("help me choose");
    const ChatReply reply = say_helped("a robbery");
    EXPECT_EQ(first(reply), "Heat (1995)");
    EXPECT_EQ(reply.read_by, ChatReader::router);
    EXPECT_NE(reply.notice, "");
  }
  state_ = {};
  assistant_->on_embed = [] { return std::nullopt; };
  say_helped("help me choose");
  EXPECT_EQ(say_helped("a robbery").notice, "") << "it has no embeddings at all";
}

TEST_F(ClarifyTest, AQuestionThatIsNoneIsNotAsked) {
  for (const char* question : {"", "Buy now.", "See http://example.org?", "\x1b]0;title\x07"}) {
    state_ = {};
    assistant_->on_question = [&] { return question; };
    const ChatReply reply = say_helped("help me choose");
    ASSERT_TRUE(state_.clarification.has_value());
    EXPECT_NE(reply.text.find(". Rather "), std::string::npos) << reply.text;
    EXPECT_NE(reply.notice, "");
  }
}

TEST_F(ClarifyTest, LongAndBrokenTextsAreNotSent) {
  say_helped(std::string(1001, 'x'));
  say_helped("\xff\xfe");
  EXPECT_EQ(assistant_->calls, 0);
}

}  // namespace
}  // namespace tusk::clarify_tests
