// Lists by words, hybrids, and rating items for a list of one's own.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/cli_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {
namespace {

class WordsCommandTest : public CliTest {
 protected:
  // Four users and six films of two genres, with tags.
  std::string films() const {
    folder_.write("ratings.csv",
                  "userId,movieId,rating\n1,1,5\n1,2,4.5\n1,4,1\n2,3,5\n2,4,4\n2,1,2\n2,5,3\n"
                  "3,1,4\n3,2,4\n3,6,3\n4,5,2\n");
    folder_.write(
        "movies.csv",
        "movieId,title,genres\n1,Dark Star (1974),Comedy|Sci-Fi\n"
        "2,\"Fifth Element, The (1997)\",Action|Sci-Fi\n3,Casablanca (1942),Drama|Romance\n"
        "4,Brief Encounter (1945),Drama|Romance\n5,Solaris (1972),Drama|Sci-Fi\n"
        "6,Alien (1979),Horror|Sci-Fi\n");
    folder_.write("tags.csv",
                  "userId,movieId,tag,timestamp\n1,6,space,1\n2,6,space,2\n3,5,slow space,3\n"
                  "1,99,unknown film,4\nbad row\n");
    return folder_.path().string();
  }

  std::string train(const Words& options) const {
    Words words = {"train", films(), "--out", file("m.safetensors"), "--overwrite"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 0) << run.err;
    return file("m.safetensors");
  }
};

TEST_F(WordsCommandTest, ListsAreMadeOfWords) {
  const std::string model = train({"--model", "content"});
  const Outcome run =
      run_tusk({"recommend", model, "--query", "horror in space", "-k", "3", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto rows = run.objects("recommendation");
  ASSERT_GE(rows.size(), 2u);
  EXPECT_EQ(rows[0]["title"], "Alien (1979)") << "its genre and its tag";
  EXPECT_EQ(rows[0]["evidence"], "content");
  EXPECT_EQ(rows[1]["title"], "Solaris (1972)") << "its tag";
  EXPECT_EQ(rows[0]["user"], "query");
  const auto named = run_tusk({"recommend", model, "--query", "dark star", "--json"}).objects();
  EXPECT_EQ(named.at(0)["title"], "Dark Star (1974)") << "the text is its title";
  EXPECT_EQ(named.at(0)["score"], 1);
  EXPECT_EQ(run_tusk({"recommend", model, "--query", "xyzzy"}).code, 3);
  EXPECT_EQ(run_tusk({"recommend", model, "--query", "space", "--all"}).code, 2);
  EXPECT_EQ(run_tusk({"recommend", CliTest::model(), "--query", "space"}).code, 2)
      << "mf knows no words";
}

TEST_F(WordsCommandTest, UsersGetWhatIsLikeWhatTheyLike) {
  const std::string model = train({"--model", "content"});
  const Outcome run = run_tusk({"recommend", model, "--user", "1", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto rows = run.objects("recommendation");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0]["title"], "Alien (1979)");
  EXPECT_EQ(rows[2]["title"], "Casablanca (1942)");
  EXPECT_NE(run.err.find("lists are ordered by how much items are like those"), std::string::npos)
      << run.err;
}

TEST_F(WordsCommandTest, RowsOfAHybridNameTheirParts) {
  const std::string model =
      train({"--model", "hybrid", "--collaborative", "item-knn", "--neighbours", "3"});
  const Outcome run = run_tusk({"recommend", model, "--user", "1", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto rows = run.objects("recommendation");
  ASSERT_EQ(rows.size(), 3u);
  for (const Json& row : rows) {
    std::set<std::string> parts;
    for (const Json& part : row["parts"]) {
      parts.insert(part["part"]);
      EXPECT_GE(part["rank"], 1);
    }
    // Romances are what the user does not like.
    const bool is_alike = row["title"] != "Casablanca (1942)";
    EXPECT_EQ(parts, is_alike ? std::set<std::string>({"collaborative", "content"})
                              : std::set<std::string>({"collaborative"}))
        << row.dump();
  }
  const Outcome stranger = run_tusk({"recommend", model, "--user", "99", "--json"});
  ASSERT_EQ(stranger.code, 0) << stranger.err;
  EXPECT_EQ(stranger.objects("recommendation")[0]["parts"][0]["part"], "popular");
  const Outcome text = run_tusk({"recommend", model, "--user", "1", "--quiet"});
  EXPECT_NE(text.out.find("(collaborative "), std::string::npos) << text.out;
}

TEST_F(WordsCommandTest, TheWeightsOfAHybridAreTuned) {
  const Outcome run =
      run_tusk({"tune", films(), "--model", "hybrid", "--collaborative", "item-knn", "--metric",
                "ndcg@3", "--folds", "4", "--grid", "content-weight=0,100", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto trials = run.objects("trial");
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_GT(trials[0]["score"], 0) << run.out;
  EXPECT_NE(trials[0]["score"], trials[1]["score"]) << "the weight makes a difference";
}

TEST_F(WordsCommandTest, WhatContentLacksIsSaidByItsOptions) {
  const std::string bare = folder_.write("bare.csv", "1,1,5\n1,2,4\n2,1,3\n").string();
  const Outcome run = run_tusk({"train", bare, "--model", "content", "--out", file("c")});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.err.find("give --titles or --embeddings"), std::string::npos) << run.err;
  const Outcome weights =
      run_tusk({"train", films(), "--model", "hybrid", "--collaborative", "item-knn",
                "--content-weight", "0", "--collaborative-weight", "0", "--out", file("h")});
  EXPECT_EQ(weights.code, 2);
  EXPECT_NE(weights.err.find("--content-weight and --collaborative-weight are both 0"),
            std::string::npos)
      << weights.err;
}

TEST_F(WordsCommandTest, SimilarItemsAreOfAGenreAndWellKnown) {
  const std::string model = train({"--model", "content"});
  const auto titles = [&](const Words& options) {
    Words words = {"similar", model, "--title", "dark star", "--json"};
    words.insert(words.end(), options.begin(), options.end());
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 0) << run.err;
    std::set<std::string> found;
    for (const Json& row : run.objects("similar")) found.insert(row["title"]);
    return found;
  };
  EXPECT_EQ(titles({"--genre", "horror"}), std::set<std::string>{"Alien (1979)"});
  EXPECT_EQ(titles({"--min-ratings", "2"}).count("Alien (1979)"), 0u) << "one rated it";
  EXPECT_EQ(run_tusk({"similar", model, "--title", "alien", "--genre", "western"}).code, 2);
  EXPECT_EQ(run_tusk({"similar", model, "--title", "alien", "--content", "2"}).code, 2);
  EXPECT_EQ(run_tusk({"similar", model, "--title", "5th element"}).code, 3);
}

TEST_F(WordsCommandTest, AnswersBecomeRatings) {
  const std::string model = train({"--model", "content"});
  const Outcome list = run_tusk({"rate", model, "--list", "--json"});
  ASSERT_EQ(list.code, 0) << list.err;
  const auto items = list.objects("item");
  ASSERT_EQ(items.size(), 6u) << "all there are";
  const std::string answers = folder_.write("answers.txt", "4\n-\n2.5\nq\n").string();
  const Outcome run = run_tusk({"rate", model, "--out", file("mine.csv"), "--answers", answers});
  ASSERT_EQ(run.code, 0) << run.err;
  std::set<std::string> expected = {"userId,movieId,rating", "me," + items[0]["item"].dump() + ",4",
                                    "me," + items[2]["item"].dump() + ",2.5"};
  const auto lines_of = [&](const std::string& name) {
    std::set<std::string> lines;
    std::istringstream text(read_file(file(name)));
    for (std::string line; std::getline(text, line);) lines.insert(line);
    return lines;
  };
  EXPECT_EQ(lines_of("mine.csv"), expected);

  // Gone on with: the next question is the fourth. A wrong answer ends it and loses nothing.
  const std::string more = folder_.write("more.txt", "5\nsplendid\n").string();
  const Outcome wrong = run_tusk({"rate", model, "--out", file("mine.csv"), "--answers", more});
  EXPECT_EQ(wrong.code, 3);
  EXPECT_NE(wrong.err.find("more.txt:2"), std::string::npos) << wrong.err;
  expected.insert("me," + items[3]["item"].dump() + ",5");
  EXPECT_EQ(lines_of("mine.csv"), expected);
  // One back, and rated anew.
  const std::string back = folder_.write("back.txt", "b\n1\n").string();
  ASSERT_EQ(run_tusk({"rate", model, "--out", file("mine.csv"), "--answers", back}).code, 0);
  EXPECT_TRUE(lines_of("mine.csv").contains("me," + items[3]["item"].dump() + ",1"));
}

TEST_F(WordsCommandTest, RatingRefusesWhatMakesNoSense) {
  const std::string model = train({"--model", "content"});
  EXPECT_EQ(run_tusk({"rate", model}).code, 2);
  EXPECT_EQ(run_tusk({"rate", model, "--list", "--out", file("x.csv")}).code, 2);
  EXPECT_EQ(run_tusk({"rate", model, "--out", file("x.csv"), "--answers", file("none")}).code, 3);
  EXPECT_EQ(run_tusk({"rate", model, "--out", file("ratings.csv"), "--answers", file("none")}).code,
            2)
      << "ratings of several users";
  for (const char* text : {"userId,movieId,rating\n7,1,3\n",                        // another user
                           "userId,movieId,rating,timestamp\nme,1,3,1000000000\n",  // times
                           "userId,movieId,rating\nme,1,70\n",                      // off the scale
                           "userId,movieId,rating\nme,404,3\n"}) {                  // another item
    const std::string kept = folder_.write("kept.csv", text).string();
    EXPECT_EQ(run_tusk({"rate", model, "--out", kept, "--answers", file("none")}).code, 2) << text;
    EXPECT_EQ(read_file(kept), text);
  }
}

TEST_F(WordsCommandTest, ARoundWithoutARatingCanBeContinued) {
  const std::string model = train({"--model", "content"});
  const auto rate = [&](const char* answers) {
    return run_tusk({"rate", model, "--out", file("mine.csv"), "--answers",
                     folder_.write("answers.txt", answers).string(), "--json"});
  };
  EXPECT_EQ(rate("-\n").objects("result").at(0)["ratings"], 0);
  EXPECT_EQ(rate("4\n-\n").objects("result").at(0)["ratings"], 1);
  // Its only rating goes: the item is not seen, after all.
  EXPECT_EQ(rate("b\n-\n").objects("result").at(0)["ratings"], 0);
  EXPECT_EQ(rate("q\n").objects("result").at(0)["ratings"], 0);
}

TEST_F(WordsCommandTest, RealFilmsLikeAFilmAreThoseThatAPersonWouldName) {
  TUSK_REAL_DATA(folder, "ml-latest-small");
  const std::map<std::string, std::vector<std::string>> named = {
      {"seven", {"Usual Suspects, The (1995)", "Memento (2000)", "Reservoir Dogs (1992)"}},
      {"the matrix", {"Matrix Reloaded, The (2003)", "Terminator, The (1984)"}},
      {"pulp fiction", {"Reservoir Dogs (1992)", "Fargo (1996)", "Usual Suspects, The (1995)"}}};
  for (const char* kind : {"mf", "item-knn"}) {
    ASSERT_EQ(
        run_tusk({"train", folder.string(), "--model", kind, "--out", file("s"), "--overwrite"})
            .code,
        0);
    for (const auto& [title, expected] : named) {
      std::set<std::string> similar;
      for (const Json& row :
           run_tusk({"similar", file("s"), "--title", title, "--json"}).objects("similar")) {
        similar.insert(row["title"]);
      }
      EXPECT_EQ(similar.size(), 10u);
      for (const std::string& film : expected) {
        EXPECT_TRUE(similar.contains(film)) << kind << ": not like " << title << ": " << film;
      }
    }
  }
}

TEST_F(WordsCommandTest, RealFilmsToRateArePopularAndUnlike) {
  TUSK_REAL_DATA(folder, "ml-latest-small");
  ASSERT_EQ(run_tusk({"train", folder.string(), "--model", "popular", "--out", file("p")}).code, 0);
  const auto items = run_tusk({"rate", file("p"), "--list", "--json"}).objects("item");
  ASSERT_EQ(items.size(), 50u);
  std::set<std::string> titles;
  for (const Json& item : items) titles.insert(item["title"]);
  EXPECT_TRUE(titles.contains("Forrest Gump (1994)")) << "the most rated";
  const auto of_star_wars = std::count_if(titles.begin(), titles.end(), [](const auto& title) {
    return title.starts_with("Star Wars: Episode");
  });
  EXPECT_LE(of_star_wars, 1) << "the next one tells nothing new";
}

}  // namespace
}  // namespace tusk::test
