// Items by title.
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <tusk/error.hpp>
#include <tusk/title_index.hpp>

#include "catalogue/title_text.hpp"
#include "catalogue/typos.hpp"

namespace tusk {
namespace {

using Items = std::vector<Index>;

class TitleTest : public testing::Test {
 protected:
  struct Film {
    const char* title;
    std::int64_t ratings;
  };

  explicit TitleTest(const std::vector<Film>& films = usual()) {
    std::vector<std::int64_t> ratings;
    for (const Film& film : films) {
      catalogue_.title.push_back(film.title);
      ratings.push_back(film.ratings);
    }
    index_.emplace(catalogue_, ratings);
  }

  static std::vector<Film> usual() {
    return {{"Toy Story (1995)", 215},
            {"Toy Story 2 (1999)", 97},
            {"Matrix, The (1999)", 278},
            {"Am\xc3\xa9lie (2001)", 120},
            {"", 500},
            {"Hamlet (1990)", 5},
            {"Hamlet (1996)", 16},
            {"Avventura, L' (1960)", 3},
            {"Hamlet (1990)", 7},
            {"Dune", 30},
            {"Cars, The (Autos, Les) (1970)", 90},
            {"Cars (2006)", 20},
            {"Star Wars: Episode V - The Empire Strikes Back (1980)", 211},          // 12
            {"Star Wars: Episode IV - A New Hope (1977)", 251},                      // 13
            {"Empire of Dreams: The Story of the 'Star Wars' Trilogy (2004)", 900},  // 14
            {"8 1/2 (8\xc2\xbd) (1963)", 14},                                        // 15
            {"WALL\xc2\xb7"
             "E (2008)",
             104},                                       // 16
            {"Seven (a.k.a. Se7en) (1995)", 203},        // 17
            {"X-Men (2000)", 133},                       // 18
            {"X-Men: The Last Stand (2006)", 52},        // 19
            {"Rocky II (1979)", 26},                     // 20
            {"Rocky III (1982)", 24},                    // 21
            {"M*A*S*H (a.k.a. MASH) (1970)", 46},        // 22
            {"E.T. the Extra-Terrestrial (1982)", 122},  // 23
            {"Spider-Man (2002)", 122},                  // 24
            {"Amazing Spider-Man, The (2012)", 30},      // 25
            {"Ocean's Eleven (2001)", 119},              // 26
            {"Godfather, The (1972)", 192},              // 27
            {"2001: A Space Odyssey (1968)", 109},       // 28
            {"Blade Runner 2049 (2017)", 18},            // 29
            {"Fast & Furious (2009)", 10}};              // 30
  }

  Items named(std::string_view text) const { return index_->named(text); }
  Items found(std::string_view text, std::size_t most = 10) const {
    Items items;
    for (const TitleHit& hit : index_->find(text, most)) items.push_back(hit.item);
    return items;
  }
  TitleMatch match(std::string_view text) const { return index_->find(text).at(0).match; }

  Catalogue catalogue_;
  std::optional<TitleIndex> index_;
};

TEST_F(TitleTest, FindsTitlesInTheFormsThatPeopleUse) {
  for (const char* title : {"Toy Story (1995)", "toy story", " TOY STORY ", "Toy Stor\xc3\xbd"}) {
    EXPECT_EQ(named(title), Items{0}) << title;
  }
  for (const char* title :
       {"The Matrix", "Matrix, The", "the matrix (1999)", "Matrix, The (1999)", "matrix 1999"}) {
    EXPECT_EQ(named(title), Items{2}) << title;
  }
  EXPECT_EQ(named("amelie"), Items{3});
  EXPECT_EQ(named("L'Avventura"), Items{7});
  EXPECT_EQ(named("L\xe2\x80\x99"
                  "avventura"),
            Items{7});
  EXPECT_EQ(named("avventura"), Items{7});
  EXPECT_EQ(named("Dune"), Items{9});
}

TEST_F(TitleTest, PunctuationSpacesAndNumeralsDoNotCount) {
  for (const char* title : {"8\xc2\xbd", "8 1/2", "8 1/2 (1963)"}) {
    EXPECT_EQ(named(title), Items{15}) << title;
  }
  for (const char* title : {"WALL-E", "wall e", "walle"}) EXPECT_EQ(named(title), Items{16});
  for (const char* title : {"Se7en", "seven", "7"}) EXPECT_EQ(named(title), Items{17}) << title;
  for (const char* title : {"x men", "xmen", "X-MEN"}) EXPECT_EQ(named(title), Items{18});
  for (const char* title : {"rocky 2", "Rocky II", "rocky two"}) {
    EXPECT_EQ(named(title), Items{20}) << title;
  }
  for (const char* title : {"mash", "M*A*S*H", "m.a.s.h."}) EXPECT_EQ(named(title), Items{22});
  for (const char* title : {"oceans eleven", "ocean's 11"}) EXPECT_EQ(named(title), Items{26});
  EXPECT_EQ(named("god father"), Items{27});
  EXPECT_EQ(named("fast and furious"), Items{30});
  EXPECT_EQ(found("et").front(), 23);
  EXPECT_EQ(found("spiderman"), (Items{24, 25})) << "one word for two, also within a title";
}

TEST_F(TitleTest, LeavesOutNoMoreThanItMust) {
  EXPECT_EQ(named("Matrix"), Items{2});
  EXPECT_EQ(named("Cars"), Items{11}) << "not the one with an article, which more people rated";
  EXPECT_EQ(named("The Cars"), Items{10}) << "not its other title";
  EXPECT_EQ(named("Cars (1970)"), Items{10});
  EXPECT_EQ(named("les autos"), Items{10});
}

TEST_F(TitleTest, TellsApartWhatHasOneName) {
  EXPECT_EQ(named("Hamlet"), (Items{6, 8, 5})) << "by falling number of ratings";
  EXPECT_EQ(named("Hamlet (1996)"), Items{6});
  EXPECT_EQ(named("hamlet 1996"), Items{6});
  EXPECT_EQ(named("Hamlet (1990)"), (Items{8, 5})) << "two of the same title";
  EXPECT_TRUE(named("Hamlet (2000)").empty());
  EXPECT_EQ(found("Hamlet (2000)"), (Items{6, 8, 5}));
  EXPECT_EQ(match("Hamlet (2000)"), TitleMatch::other_year);
  EXPECT_TRUE(named("Dune (1984)").empty()) << "the title does not say which it is";
  EXPECT_EQ(found("Dune (1984)"), Items{9});
}

TEST_F(TitleTest, RanksByMatchAndThenByRatings) {
  EXPECT_EQ(found("star wars"), (Items{13, 12, 14})) << "the last has more, but does not begin so";
  EXPECT_EQ(match("star wars"), TitleMatch::start);
  EXPECT_TRUE(named("star wars").empty()) << "it is no title of any";
  EXPECT_EQ(found("star wars", 1), Items{13});
  EXPECT_EQ(found("story toy"), (Items{0, 1})) << "in any order";
  EXPECT_EQ(match("story toy"), TitleMatch::words);
  EXPECT_EQ(found("star wa"), (Items{14, 13, 12})) << "as it is typed";
  EXPECT_EQ(match("star wa"), TitleMatch::beginnings);
  EXPECT_EQ(found("empire strikes back"), Items{12});
  EXPECT_EQ(found("2001").front(), 28) << "a title may begin with a year";
  EXPECT_EQ(named("blade runner 2049"), Items{29}) << "or end with one";
  EXPECT_EQ(match("the matrix"), TitleMatch::name);
  EXPECT_EQ(match("the matrix (1999)"), TitleMatch::title);
  EXPECT_EQ(match("matrix"), TitleMatch::other_name);
}

TEST_F(TitleTest, FindsWhatIsMisspelt) {
  EXPECT_EQ(found("Toy Stroy"), (Items{0, 1})) << "the whole title first";
  EXPECT_EQ(match("Toy Stroy"), TitleMatch::typos);
  EXPECT_EQ(found("matrx").front(), 2);
  EXPECT_EQ(found("the matrx").front(), 2);
  EXPECT_EQ(found("Hamlets"), (Items{6, 8, 5}));
  EXPECT_EQ(found("amile").front(), 3);
  EXPECT_EQ(found("Hamlet (2000)", 1), Items{6});
  EXPECT_TRUE(found("xyzzy plugh foo").empty());
  for (const char* nothing : {"", "   ", "(", "()", "!?", "(1999)"}) {
    EXPECT_TRUE(found(nothing).empty()) << nothing;
  }
}

TEST_F(TitleTest, OddTextsFindWhatTheyHave) {
  EXPECT_TRUE(found("\xff\xfe").empty()) << "no character";
  EXPECT_EQ(found("the 2001").front(), 28) << "an article may stand where none belongs";
  // An article alone, and one behind punctuation alone, is a word like any.
  for (const char* article : {"the", ", the", "!, the"}) {
    const Items items = found(article);
    ASSERT_FALSE(items.empty()) << article;
    for (const Index item : items) {
      const std::string_view title = catalogue_.title[static_cast<std::size_t>(item)];
      EXPECT_TRUE(title.find("he") != title.npos) << article << " is not in " << title;
    }
  }
  for (const char* article : {"a", "?, a"}) EXPECT_FALSE(found(article).empty()) << article;
}

TEST(TitleIndexTest, TitlesOfPunctuationAndAnArticleAreFound) {
  Catalogue catalogue;
  for (const char* title : {"!, The (1999)", "?, A", "Heat (1995)"}) {
    catalogue.title.push_back(title);
  }
  const TitleIndex index(catalogue, std::vector<std::int64_t>{1, 2, 3});
  EXPECT_EQ(index.named("the"), Items{0});
  EXPECT_EQ(index.named("!, the"), Items{0});
  EXPECT_EQ(index.named("a"), Items{1});
  EXPECT_EQ(index.named("heat"), Items{2});
  EXPECT_THROW(TitleIndex(catalogue, std::vector<std::int64_t>{1, 2}), UsageError);
}

TEST_F(TitleTest, BeginningsOfWordsThatPunctuationJoins) {
  EXPECT_EQ(found("amazing spiderm"), Items{25});
  EXPECT_EQ(match("amazing spiderm"), TitleMatch::beginnings);
  EXPECT_EQ(found("last xme"), Items{19});
  EXPECT_TRUE(found("amazing spiderx").empty() || match("amazing spiderx") == TitleMatch::typos);
}

TEST(TitleText, TakesTitlesApart) {
  const TitleText title =
      parse_title("Amelie (Fabuleux destin d'Am\xc3\xa9lie Poulain, Le) (a.k.a. X) (2001)");
  EXPECT_EQ(title.year, 2001);
  ASSERT_EQ(title.names.size(), 3u);
  EXPECT_EQ(title.names[0].words, std::vector<std::string>{"amelie"});
  EXPECT_EQ(title.names[1].words,
            (std::vector<std::string>{"le", "fabuleux", "destin", "damelie", "poulain"}));
  EXPECT_EQ(title.names[1].article, 1u);
  EXPECT_TRUE(title.names[1].alternative);
  EXPECT_EQ(title.names[2].words, std::vector<std::string>{"x"});
  EXPECT_EQ(parse_title("(500) Days of Summer (2009)").names[0].words.front(), "500");
  EXPECT_EQ(parse_title("Firefly (2002-2003)").year, 2002);
  EXPECT_EQ(parse_title("Babylon 5").year, 0);
}

TEST(TitleText, KnowsNumbers) {
  EXPECT_EQ(number_of_word("7"), 7);
  EXPECT_EQ(number_of_word("vii"), 7);
  EXPECT_EQ(number_of_word("seven"), 7);
  EXPECT_EQ(number_of_word("xix"), 19);
  EXPECT_EQ(number_of_word("x"), 10);
  EXPECT_EQ(number_of_word("iiii"), -1);
  EXPECT_EQ(number_of_word("ivx"), -1);
  EXPECT_EQ(number_of_word("se7en"), -1);
  EXPECT_EQ(number_of_word(""), -1);
}

TEST(Typos, CountsSwapsOnce) {
  EXPECT_EQ(typo_distance("stroy", "story", 2), 1u);
  EXPECT_EQ(typo_distance("kitten", "sitting", 3), 3u);
  EXPECT_EQ(typo_distance("kitten", "sitting", 2), 3u) << "more than two";
  EXPECT_EQ(typo_distance("", "ab", 2), 2u);
  EXPECT_EQ(typo_distance("abc", "abc", 0), 0u);
  EXPECT_EQ(typo_distance("ab", "ba", 0), 1u);
  EXPECT_TRUE(may_be_near(letters_of("stroy"), letters_of("story"), 0));
  EXPECT_FALSE(may_be_near(letters_of("abc"), letters_of("xyz"), 2));
}

}  // namespace
}  // namespace tusk
