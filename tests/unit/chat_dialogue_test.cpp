// Conversations over models of a few films.
#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/chat.hpp>
#include <tusk/error.hpp>
#include <tusk/train.hpp>

#include "tests/support/chat_phrases.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::chat_dialogue_tests {
namespace {

const auto cpu = open_device({"cpu", 1});

bool has_genre(const Model& model, Index item, std::string_view genre) {
  return model.catalogue.genres[static_cast<std::size_t>(item)].find(genre) !=
         std::string_view::npos;
}

// Even users like comedies and nothing else, odd ones films of horror or science fiction. Nobody
// rated "More (1998)".
Dataset film_ratings(float low = 1, float high = 5) {
  const test::Films films = test::read_films();
  const auto items = static_cast<Index>(films.catalogue.title.size());
  constexpr Index kUsers = 40;
  std::vector<test::Rating> ratings;
  for (Index user = 0; user < kUsers; ++user) {
    for (Index item = 0; item < items; ++item) {
      const auto i = static_cast<std::size_t>(item);
      if ((user * 7 + item * 5) % 4 != 0 || films.catalogue.title[i] == "More (1998)") continue;
      const std::string_view genres = films.catalogue.genres[i];
      const auto has = [&](std::string_view name) {
        return genres.find(name) != std::string_view::npos;
      };
      const bool liked = user % 2 == 0 ? has("Comedy") : has("Horror") || has("Sci-Fi");
      const float step = (high - low) / 4;
      ratings.push_back({user, item,
                         liked ? high - step * static_cast<float>(user % 3 == 0)
                               : low + step * static_cast<float>(user % 3 == 1)});
    }
  }
  Dataset data = test::make_dataset(kUsers, items, ratings);
  data.catalogue = films.catalogue;
  return data;
}

template <class Options>
std::shared_ptr<const Model> trained(const Options& options, const Dataset& data = film_ratings()) {
  return std::make_shared<const Model>(train(*cpu, data, options));
}

class ChatDialogueTest : public testing::Test {
 protected:
  static const std::shared_ptr<const Model>& knn() {
    static const auto model = trained(ItemKnnOptions());
    return model;
  }

  ChatReply say(std::string_view text) { return chat_.answer(state_, text); }

  static Index item(std::string_view title) {
    for (Index i = 0; i < knn()->items.size(); ++i) {
      if (title_of(*knn(), i) == title) return i;
    }
    return kNone;
  }
  std::string title(const ChatItem& one) const { return title_of(chat_.model(), one.item); }
  void expect_all(const ChatReply& reply, std::string_view genre, bool have = true) const {
    ASSERT_FALSE(reply.items.empty()) << reply.text;
    for (const ChatItem& one : reply.items) {
      EXPECT_EQ(has_genre(chat_.model(), one.item, genre), have) << title(one) << ' ' << genre;
    }
  }
  static std::vector<Index> items_of(const ChatReply& reply) {
    std::vector<Index> items;
    for (const ChatItem& one : reply.items) items.push_back(one.item);
    return items;
  }

  Chat chat_{*cpu, knn()};
  ChatState state_;
};

TEST_F(ChatDialogueTest, SomebodyNewGetsWhatIsPopular) {
  const ChatReply reply = say("seven comedies");
  EXPECT_EQ(reply.source, ChatSource::popular);
  EXPECT_EQ(reply.items.size(), 7u);
  expect_all(reply, "Comedy");
  EXPECT_NE(reply.text.find("say what you like"), std::string::npos) << reply.text;
  EXPECT_NE(reply.items.front().reason.find("on average"), std::string::npos);
  EXPECT_EQ(say("best comedies").items.size(), 5u) << "another question has the usual length";
}

TEST_F(ChatDialogueTest, RatingsMakeAListOfOnesOwn) {
  const ChatReply reply = say("I loved Alien and The Shining, hated Airplane!");
  EXPECT_EQ(reply.source, ChatSource::folded_in);
  EXPECT_EQ(state_.ratings.size(), 3u);
  EXPECT_NE(reply.text.find("Noted: Alien (1979) 5"), std::string::npos) << reply.text;
  ASSERT_FALSE(reply.items.empty());
  for (const ChatItem& one : reply.items) {
    EXPECT_FALSE(state_.ratings.contains(one.item)) << title(one) << " is rated";
    EXPECT_TRUE(has_genre(*knn(), one.item, "Horror") || has_genre(*knn(), one.item, "Sci-Fi"))
        << title(one);
    EXPECT_NE(one.reason.find("because you rated "), std::string::npos) << one.reason;
    EXPECT_TRUE(one.rating.has_value());
  }
  say("Alien was terrible");
  EXPECT_EQ(state_.ratings.size(), 3u) << "the later opinion counts";
  EXPECT_EQ(state_.ratings.at(item("Alien (1979)")), 1);
}

TEST_F(ChatDialogueTest, AKnownUserGetsTheModelsList) {
  state_ = chat_.begin("0");
  const ChatReply reply = say("recommend something");
  EXPECT_EQ(reply.source, ChatSource::user);
  expect_all(reply, "Comedy");
  const auto seen = knn()->seen().view().row(0);
  for (const ChatItem& one : reply.items) {
    EXPECT_FALSE(std::binary_search(seen.begin(), seen.end(), one.item)) << title(one);
  }
  EXPECT_EQ(say("I loved Alien").source, ChatSource::folded_in);
  EXPECT_THROW(chat_.begin("nobody"), InputError);
}

TEST_F(ChatDialogueTest, TitlesAreSeeds) {
  const ChatReply reply = say("three films like Alien");
  EXPECT_EQ(reply.source, ChatSource::similar);
  EXPECT_EQ(reply.items.size(), 3u);
  for (const ChatItem& one : reply.items) EXPECT_NE(title(one), "Alien (1979)");
  EXPECT_NE(reply.items.front().reason.find("like Alien (1979)"), std::string::npos);
  EXPECT_NE(reply.text.find("3 titles like Alien (1979)"), std::string::npos) << reply.text;
  const ChatReply of_content = say("like \"More (1998)\"");
  EXPECT_EQ(of_content.source, ChatSource::content) << "nobody rated it";
  EXPECT_FALSE(of_content.items.empty());
  const ChatReply newer = say("like Alien but newer");
  for (const ChatItem& one : newer.items) {
    EXPECT_GT(item_year(knn()->catalogue, one.item), 1979) << title(one);
  }
  const ChatReply lighter = say("something like Heat but lighter");
  for (const ChatItem& one : lighter.items) {
    bool light = false;
    for (const char* genre : {"Comedy", "Romance", "Children", "Animation", "Musical"}) {
      light = light || has_genre(*knn(), one.item, genre);
    }
    EXPECT_TRUE(light) << title(one);
  }
}

TEST_F(ChatDialogueTest, MoreNeverRepeats) {
  std::vector<Index> all = items_of(say("best thrillers"));
  while (true) {
    const ChatReply reply = say("more");
    if (reply.items.empty()) {
      EXPECT_NE(reply.text.find("That is all"), std::string::npos) << reply.text;
      break;
    }
    const auto items = items_of(reply);
    all.insert(all.end(), items.begin(), items.end());
  }
  std::vector<Index> sorted = all;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::unique(sorted.begin(), sorted.end()), sorted.end());
  for (const Index item : all) EXPECT_TRUE(has_genre(*knn(), item, "Thriller"));
}

TEST_F(ChatDialogueTest, ConditionsChangeTheLastQuestion) {
  say("best comedies");
  const ChatReply years = say("from the nineties");
  EXPECT_EQ(years.request.intent, ChatIntent::filter);
  expect_all(years, "Comedy");
  for (const ChatItem& one : years.items) {
    EXPECT_EQ(item_year(knn()->catalogue, one.item) / 10, 199) << title(one);
  }
  const ChatReply without = say("no romance");
  expect_all(without, "Comedy");
  expect_all(without, "Romance", false);
  EXPECT_EQ(say("just three").items.size(), 3u);
  const ChatReply thrillers = say("I want thrillers");
  expect_all(thrillers, "Thriller");
  expect_all(thrillers, "Romance", false);
  expect_all(say("romances"), "Romance");
  EXPECT_TRUE(state_.excluded_genres.empty()) << "asked for after all";
  say("start over");
  EXPECT_FALSE(state_.question.has_value());
}

TEST_F(ChatDialogueTest, WhatIsKnownIsNotListed) {
  const ChatReply first = say("best comedies");
  const std::string known = title(first.items.front());
  const ChatReply reply = say("I've already seen \"" + known + "\"");
  ASSERT_EQ(reply.items.size(), first.items.size());
  for (const ChatItem& one : reply.items) EXPECT_NE(title(one), known);
}

TEST_F(ChatDialogueTest, ReasonsAreGiven) {
  EXPECT_NE(say("why?").text.find("Nothing has been recommended"), std::string::npos);
  const ChatReply popular = say("why Fargo?");
  ASSERT_EQ(popular.items.size(), 1u);
  EXPECT_NE(popular.text.find("Fargo (1996): "), std::string::npos) << popular.text;
  say("loved Alien and Aliens");
  const ChatReply listed = say("why the first one?");
  ASSERT_EQ(listed.items.size(), 1u);
  EXPECT_EQ(listed.items.front().item, state_.list.front().item);
  EXPECT_NE(listed.text.find("because you rated Alien"), std::string::npos) << listed.text;
  EXPECT_NE(listed.text.find(" of 5"), std::string::npos) << listed.text;
}

TEST_F(ChatDialogueTest, WhatIsNotThereIsSaid) {
  EXPECT_NE(say("like \"Gone Fishing on Mars\"").text.find("no title"), std::string::npos);
  const ChatReply misspelt = say("like \"Star Warz Episode\"");
  EXPECT_FALSE(misspelt.text.empty());
  ChatRequest request;
  request.intent = ChatIntent::recommend_genre;
  request.genres = {"Cookery"};
  const ChatReply genre = chat_.answer(state_, request);
  EXPECT_NE(genre.text.find("\"Cookery\""), std::string::npos) << genre.text;
  EXPECT_NE(genre.text.find("Comedy"), std::string::npos) << genre.text;
  EXPECT_TRUE(genre.items.empty());
  const ChatReply none = say("westerns from 2015");
  EXPECT_TRUE(none.items.empty());
  EXPECT_NE(none.text.find("Nothing is left"), std::string::npos) << none.text;
  EXPECT_NE(say("blah blah").text.find("help"), std::string::npos);
  EXPECT_NE(say("help").text.find("no horror"), std::string::npos);
}

TEST_F(ChatDialogueTest, RatingsThatCannotBeUsedAreSaidSo) {
  const ChatReply reply = say("I loved \"More (1998)\" and Alien");
  EXPECT_EQ(state_.ratings.size(), 1u);
  EXPECT_NE(reply.text.find("Noted: Alien (1979) 5. More (1998) cannot be used yet, because the "
                            "model has no ratings of it."),
            std::string::npos)
      << reply.text;
  ASSERT_EQ(reply.rated.size(), 2u);
  const ChatReply alone = say("I loved \"More (1998)\"");
  EXPECT_EQ(alone.text.find("Noted"), std::string::npos) << alone.text;
  EXPECT_NE(alone.text.find("cannot be used"), std::string::npos) << alone.text;
}

TEST_F(ChatDialogueTest, WhatCannotBeDoneIsSaid) {
  const ChatReply many = say("1000 films");
  EXPECT_NE(many.text.find("at most 100 at a time"), std::string::npos) << many.text;
  EXPECT_EQ(state_.k, kMostChatItems);
  const ChatReply none = say("-3 films");
  EXPECT_NE(none.text.find("at least 1 at a time"), std::string::npos) << none.text;
  EXPECT_EQ(none.items.size(), 1u);
  EXPECT_EQ(say("100 films").text.find("at a time"), std::string::npos);
  const ChatReply person = say("comedies by Tarantino in French");
  EXPECT_NE(person.text.find("cannot look for \"by Tarantino\" or \"in French\""),
            std::string::npos)
      << person.text;
  expect_all(person, "Comedy");
  const ChatReply only = say("with Tom Hanks");
  EXPECT_NE(only.text.find("\"with Tom Hanks\""), std::string::npos) << only.text;
  EXPECT_EQ(only.text.find("not understood"), std::string::npos) << only.text;
}

TEST_F(ChatDialogueTest, TitlesThatAreNotWantedAreNotListed) {
  for (const char* text : {"100 films like Alien but not Aliens", "100 films except Aliens"}) {
    state_ = {};
    for (const ChatItem& one : say(text).items) EXPECT_NE(title(one), "Aliens (1986)") << text;
  }
}

TEST_F(ChatDialogueTest, AStateIsCopiedAndRepliesAreTheSame) {
  say("loved Alien");
  ChatState copy = state_;
  say("hated Aliens");
  EXPECT_EQ(copy.ratings.size(), 1u);
  ChatState other = copy;
  const Json reply = to_json(*knn(), chat_.answer(copy, "recommend a comedy"));
  std::vector<std::string> texts(4);
  std::vector<std::thread> threads;
  for (std::string& text : texts) {
    threads.emplace_back([&, own = other]() mutable {
      for (int turn = 0; turn < 5; ++turn) chat_.answer(own, "best films before 1990");
      text = to_json(*knn(), chat_.answer(own, "recommend a comedy")).dump();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, reply.dump());
}

TEST(ChatModels, OfEveryKindCanTalk) {
  const Dataset data = film_ratings();
  for (const AlgorithmInfo* algorithm : algorithms()) {
    SCOPED_TRACE(algorithm->name);
    const auto model =
        std::make_shared<const Model>(train(*cpu, data, TrainOptions(algorithm->name)));
    const Chat chat(*cpu, model);
    ChatState state = chat.begin("0");
    EXPECT_EQ(chat.answer(state, "recommend three comedies").items.size(), 3u);
    EXPECT_FALSE(chat.answer(state, "something like Heat").items.empty());
    EXPECT_FALSE(chat.answer(state, "best thrillers").items.empty());
    EXPECT_FALSE(chat.answer(state, "why?").text.empty());
    EXPECT_FALSE(chat.answer(state, "loved Alien, hated Cats").text.empty());
    EXPECT_FALSE(chat.answer(state, "recommend a western").items.empty());
    ChatState somebody;
    EXPECT_FALSE(chat.answer(somebody, "I loved Alien").text.empty());
    EXPECT_FALSE(chat.answer(somebody, "recommend something").items.empty());
    EXPECT_FALSE(chat.answer(somebody, "why Heat?").text.empty());
  }
}

TEST(ChatModels, StarsAreOnTheScaleOfTheModel) {
  const auto rated = [](float low, float high, const char* text) {
    const Chat chat(*cpu, trained(BiasOptions(), film_ratings(low, high)));
    ChatState state;
    chat.answer(state, text);
    return state.ratings.empty() ? -1 : state.ratings.begin()->second;
  };
  EXPECT_EQ(rated(1, 5, "I liked Heat"), 4);
  EXPECT_EQ(rated(0.5f, 5, "I liked Heat"), 4);
  EXPECT_EQ(rated(1, 10, "I loved Heat"), 10);
  EXPECT_EQ(rated(1, 10, "I hated Heat"), 1);
  EXPECT_EQ(rated(0, 100, "Heat was ok"), 50);
}

TEST(ChatModels, NeedTitles) {
  Dataset data = test::random_dataset(20, 10, 100, 1);
  data.catalogue.title = TextTable(static_cast<std::size_t>(data.items.size()));
  const auto model = trained(PopularOptions(), data);
  try {
    const Chat chat(*cpu, model);
    ADD_FAILURE() << "a model without titles";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("no titles"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace tusk::chat_dialogue_tests
