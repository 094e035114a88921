// tusk recommend and predict for users who were not trained, and tusk update.
#include <fstream>
#include <sstream>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class NewUserCommandTest : public CliTest {
 protected:
  static Outcome tusk(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return run_tusk(words);
  }
  Outcome recommend(const Words& more) const { return tusk({"recommend", model()}, more); }

  std::string ratings() const {
    return folder_
        .write("mine.csv", "userId,movieId,rating\nme,1,5\nme,2,4.5\nme,3,1\nme,99999,4\n")
        .string();
  }
  // A title of an item with training ratings.
  std::string title() const {
    return recommend({"--user", "7", "-k", "1", "--json"}).objects().front()["title"];
  }
};

TEST_F(NewUserCommandTest, RatingsOfAFileAreFoldedIn) {
  const Outcome run = recommend({"--ratings", ratings(), "-k", "3", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto rows = run.objects();
  ASSERT_EQ(rows.size(), 3u);
  for (const Json& row : rows) {
    EXPECT_EQ(row["user"], "me");
    EXPECT_EQ(row["evidence"], "folded-in");
    EXPECT_EQ(row["folded_from"], 3);
    EXPECT_FALSE(row["item"] == 1 || row["item"] == 2 || row["item"] == 3);
  }
  EXPECT_NE(run.err.find("folded in from 3 ratings"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("99999"), std::string::npos) << run.err;
  const Outcome one = tusk({"predict", model()}, {"--ratings", ratings(), "--item", "4", "--json"});
  ASSERT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(one.objects().front()["evidence"], "folded-in");
}

TEST_F(NewUserCommandTest, AnExportOfASiteIsRecognised) {
  const std::string text = "Date,Name,Year,Letterboxd URI,Rating\n2021-05-01,\"" + title() +
                           "\",,https://boxd.it/1,4.5\n"
                           "2021-05-01,No Such Film,1999,https://boxd.it/2,3\n"
                           "2021-05-02,Not Rated,1999,https://boxd.it/3,\n";
  const std::string mine = folder_.write("ratings.csv", text).string();
  const Outcome run = recommend({"--ratings", mine, "-k", "2", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto events = run.objects();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0]["event"], "unmatched");
  EXPECT_EQ(events[0]["title"], "No Such Film");
  EXPECT_EQ(events[0]["year"], 1999);
  EXPECT_EQ(events[0]["line"], 3);
  EXPECT_EQ(events[1]["user"], "me");
  EXPECT_EQ(events[1]["folded_from"], 1);
  EXPECT_NE(run.err.find("letterboxd, 1 rating found, 1 without a rating left out"),
            std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("no item for 1 film: No Such Film (1999)"), std::string::npos) << run.err;
  EXPECT_EQ(recommend({"--ratings", mine, "--format", "letterboxd"}).code, 0);
  const std::string latin =
      folder_.write("latin.csv", text + "2021-05-03,Caf\xe9,1999,https://boxd.it/4,3\n").string();
  const Outcome decoded = recommend({"--ratings", latin, "--encoding", "latin-1", "--json"});
  ASSERT_EQ(decoded.code, 0) << decoded.err;
  EXPECT_EQ(decoded.objects().at(1)["title"], "Caf\xC3\xA9");
  EXPECT_EQ(recommend({"--ratings", mine, "--format", "imdb"}).code, 3);
  EXPECT_EQ(recommend({"--ratings", ratings(), "--format", "imdb"}).code, 3);
  EXPECT_EQ(recommend({"--like", title(), "--format", "imdb"}).code, 2);
  EXPECT_EQ(tusk({"predict", model()}, {"--ratings", mine, "--item", "4"}).code, 0);
}

TEST_F(NewUserCommandTest, TitlesAreLiked) {
  const std::string liked = title();
  const Outcome run = recommend({"--like", liked, "--explain", "-k", "100"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("because of " + liked), std::string::npos) << run.out;
  std::size_t explained = 0;
  for (const Json& row :
       recommend({"--like", liked, "--explain", "-k", "100", "--json"}).objects()) {
    if (!row.contains("reasons")) continue;
    ++explained;
    EXPECT_EQ(row["reasons"][0]["title"], liked);
    EXPECT_GT(row["reasons"][0]["adds"], 0);
  }
  EXPECT_GT(explained, 0u);
  EXPECT_EQ(recommend({"--like", "No Such Film At All"}).code, 3);
  EXPECT_EQ(recommend({"--like", liked, "--user", "7"}).code, 2);
  EXPECT_EQ(recommend({"--like", liked, "--dislike", liked}).code, 2);
  EXPECT_NE(run.err.find("likes: " + liked), std::string::npos) << run.err;
  EXPECT_EQ(recommend({"--like", liked, "--ratings", ratings()}).code, 2);
}

TEST_F(NewUserCommandTest, ATrainedUsersListIsExplainedToo) {
  const Outcome run = recommend({"--user", "7", "--explain", "-k", "2", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  ASSERT_EQ(run.objects().front()["reasons"].size(), 3u);
  EXPECT_TRUE(run.objects().front()["reasons"][0]["rating"].is_null()) << "it is not kept";
}

TEST_F(NewUserCommandTest, ManyNewUsersAreInAFile) {
  const std::string file =
      folder_.write("new.csv", "userId,movieId,rating\n1,1,5\n1,2,1\n900,5,3\n901,6,4\n").string();
  const Outcome run =
      recommend({"--users-file", file, "-k", "2", "--out", this->file("lists.jsonl")});
  ASSERT_EQ(run.code, 0) << run.err;
  std::ifstream lists(this->file("lists.jsonl"));
  std::size_t rows = 0;
  for (std::string line; std::getline(lists, line); ++rows) {
    EXPECT_EQ(Json::parse(line)["user"], rows < 2 ? 1 : rows < 4 ? 900 : 901);
  }
  EXPECT_EQ(rows, 6u);
  const Outcome single = recommend({"--ratings", file});
  EXPECT_EQ(single.code, 3);
  EXPECT_NE(single.err.find("--users-file"), std::string::npos) << single.err;
}

TEST_F(NewUserCommandTest, ManyPairsOfNewUsersArePredicted) {
  const std::string users =
      folder_.write("new.csv", "userId,movieId,rating\n1,1,5\n1,2,1\n900,5,3\n").string();
  const auto pairs = [&](const char* text) { return folder_.write("pairs.csv", text).string(); };
  const Words given = {"--users-file", users, "--json", "--pairs"};
  const auto predict = [&](const std::string& file) {
    Words words = given;
    words.push_back(file);
    return tusk({"predict", model()}, words);
  };
  const Outcome run = predict(pairs("user,item\n900,4\n1,4\n900,6\n"));
  ASSERT_EQ(run.code, 0) << run.err;
  const auto rows = run.objects();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0]["user"], 900);
  EXPECT_EQ(rows[0]["folded_from"], 1);
  EXPECT_EQ(rows[1]["user"], 1);
  EXPECT_EQ(rows[1]["folded_from"], 2);
  EXPECT_EQ(rows[1]["evidence"], "folded-in") << "although the model knows a user 1";
  const std::string mine = folder_.write("one.csv", "userId,movieId,rating\n900,5,3\n").string();
  const Outcome one = tusk({"predict", model()}, {"--ratings", mine, "--item", "4", "--json"});
  EXPECT_EQ(one.objects().at(0)["rating"], rows[0]["rating"]);
  EXPECT_EQ(predict(pairs("user,item\n7,4\n")).code, 3) << "no user of the file";
  EXPECT_EQ(tusk({"predict", model()}, {"--users-file", users, "--item", "4"}).code, 2);
}

TEST_F(NewUserCommandTest, WeightsAndRatingsAreNotMixed) {
  const std::string clicks = folder_.write("clicks.csv", "7,1\n7,2\n7,2\n").string();
  const Outcome run = recommend({"--ratings", clicks, "--implicit"});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.err.find("found weights, expected ratings"), std::string::npos) << run.err;
  EXPECT_EQ(tusk({"update", model(), clicks}, {"--implicit", "--out", file("x")}).code, 3);
  const std::string taken = folder_.write("taken.csv", "1,1\n1,2\n2,2\n2,3\n3,1\n").string();
  ASSERT_EQ(
      run_tusk({"train", taken, "--implicit", "--model", "item-knn", "--out", file("i")}).code, 0);
  const auto from = [&](const Words& more) { return tusk({"recommend", file("i")}, more); };
  EXPECT_EQ(from({"--ratings", clicks, "--implicit"}).code, 0) << "a weight of 2 is none too large";
  EXPECT_EQ(from({"--ratings", ratings()}).code, 3);
}

TEST_F(NewUserCommandTest, ADataSetWithOtherItemsDoesNotJoin) {
  std::string ratings = "userId,movieId,rating\n";
  for (int rating = 0; rating < 2000; ++rating) {
    ratings += std::to_string(rating % 70 + 1) + "," + std::to_string(rating % 99 + 1) + "," +
               std::to_string(rating % 4 + 1) + "\n";
  }
  std::string titles = "movieId,title,genres\n";
  for (int item = 1; item <= 100; ++item) {
    titles += std::to_string(item) + ",Quite Another Film " + std::to_string(item) + ",War\n";
  }
  folder_.write("other/movies.csv", titles);
  const std::string other = folder_.write("other/ratings.csv", ratings).parent_path().string();
  const Outcome run = tusk({"update", model(), other}, {"--out", file("x")});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.err.find("--other-data"), std::string::npos) << run.err;
}

TEST_F(NewUserCommandTest, FilesOfNewUsersAreReadAsOptionsSay) {
  const std::string odd = folder_.write("odd.txt", "4.5;1;me\n2;2;me\n").string();
  const Words columns = {"--columns", "3,2,1", "--header", "no"};
  Words words = {"--ratings", odd, "-k", "2"};
  words.insert(words.end(), columns.begin(), columns.end());
  EXPECT_EQ(recommend(words).code, 0) << recommend(words).err;
  words[0] = "--users-file";
  EXPECT_EQ(recommend(words).code, 0) << recommend(words).err;
  EXPECT_EQ(recommend({"--user", "7", "--format", "imdb"}).code, 2);
}

TEST_F(NewUserCommandTest, AnUnknownUserGetsWhatEverybodyLikesIfAsked) {
  const Outcome error = recommend({"--user", "5000"});
  EXPECT_EQ(error.code, 3);
  EXPECT_NE(error.err.find("--on-unknown popular"), std::string::npos) << error.err;
  const Outcome run = recommend({"--user", "5000", "--on-unknown", "popular", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects().front()["evidence"], "global");
  EXPECT_EQ(run.objects().front()["user"], 5000);
  EXPECT_GT(run.objects().front()["ratings"], 0);
  EXPECT_GT(run.objects().front()["trend"], 0);
  const auto users = folder_.write("users.txt", "7\n5000\n9\n").string();
  const auto rows = recommend({"--users", users, "-k", "1", "--json"}).objects();
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1]["user"], 5000);
  EXPECT_EQ(rows[1]["evidence"], "global");
  EXPECT_EQ(rows[2]["user"], 9);
  std::string shards;
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    shards += recommend({"--users", users, "-k", "1", "--json", "--shard", shard}).out;
  }
  EXPECT_EQ(shards, recommend({"--users", users, "-k", "1", "--json"}).out);
  EXPECT_EQ(recommend({"--users", users, "--on-unknown", "error"}).code, 3);
}

TEST_F(NewUserCommandTest, ListsLeaveOutWhatAFileOrAGenreSays) {
  const auto all = recommend({"--user", "7", "-k", "5", "--json"}).objects();
  const auto excluded = folder_.write("seen.txt", all[0]["item"].dump() + "\n77777\n").string();
  const auto rest =
      recommend({"--user", "7", "-k", "4", "--json", "--exclude", excluded}).objects();
  for (std::size_t r = 0; r < 4; ++r) EXPECT_EQ(rest[r]["item"], all[r + 1]["item"]);
  const Outcome years = recommend({"--user", "7", "--from", "2000", "--to", "1990"});
  EXPECT_EQ(years.code, 2);
  EXPECT_NE(years.err.find("--from 2000 is later than --to 1990"), std::string::npos) << years.err;
  EXPECT_EQ(recommend({"--user", "7", "--diversity", "2"}).code, 2);
  EXPECT_EQ(recommend({"--user", "7", "--diversity", "0.5"}).code, 0);
}

TEST_F(NewUserCommandTest, ReasonsAreWrittenWhereThereIsRoomForThem) {
  for (const char* name : {"r.tsv", "r.csv", "r.run"}) {
    const Outcome run = recommend({"--user", "7", "--explain", "--out", file(name)});
    EXPECT_EQ(run.code, 2);
    EXPECT_NE(run.err.find(".jsonl"), std::string::npos) << run.err;
  }
  EXPECT_EQ(recommend({"--user", "7", "--explain", "--out", file("r.jsonl")}).code, 0);
  EXPECT_NE(read_file(file("r.jsonl")).find("\"reasons\""), std::string::npos);
}

TEST_F(NewUserCommandTest, ARunOfDiverseListsIsInTheirOrder) {
  const auto scores = [&](const Words& more) {
    Words words = {"--user", "7", "-k", "4", "--overwrite", "--out", file("r.run")};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(recommend(words).code, 0);
    std::istringstream run(read_file(file("r.run")));
    Words column;
    for (std::string line; std::getline(run, line);) {
      std::istringstream fields(line);
      for (int field = 0; field < 5; ++field) fields >> line;
      column.push_back(line);
    }
    return column;
  };
  EXPECT_NE(scores({})[0], "1");
  EXPECT_EQ(scores({"--diversity", "0.5"}), (Words{"1", "0.5", "0.33333334", "0.25"}));
}

TEST_F(NewUserCommandTest, RatingsJoinAModel) {
  const std::string out = file("newer.safetensors");
  const Outcome run = tusk({"update", model(), ratings()}, {"--out", out, "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const Json result = run.objects().back();
  EXPECT_EQ(result["ratings"], 4);
  EXPECT_EQ(result["new_users"], 1);
  EXPECT_EQ(result["new_items"], 1);
  EXPECT_EQ(run_tusk({"recommend", out, "--user", "me", "-k", "2"}).code, 0);
  EXPECT_EQ(run_tusk({"update", out, ratings(), "--out", file("again.safetensors")}).code, 3)
      << "nothing new";
  EXPECT_EQ(run_tusk({"update", model(), ratings()}).code, 2) << "no --out";
}

TEST_F(NewUserCommandTest, ATableOfOneNeedsNoColumnOfUsers) {
  const Outcome with = recommend({"--ratings", ratings(), "--json"});
  ASSERT_EQ(with.code, 0) << with.err;
  for (const char* text :
       {"movieId,rating\n1,5\n2,4.5\n3,1\n99999,4\n", "1;5\n2;4.5\n3;1\n99999;4\n",
        "timestamp,rating,item\n7,5,1\n8,4.5,2\n\n9,1,3\n9,4,99999\n"}) {
    const std::string own = folder_.write("own.csv", text).string();
    const Outcome run = recommend({"--ratings", own, "--json"});
    EXPECT_EQ(run.out, with.out) << text << run.err;
    EXPECT_NE(run.err.find("99999"), std::string::npos) << run.err;
  }
  const auto refused = [&](const std::string& text, const std::string& why) {
    const Outcome run = recommend({"--ratings", folder_.write("bad.csv", text).string()});
    EXPECT_EQ(run.code, 3) << text;
    EXPECT_NE(run.err.find(why), std::string::npos) << run.err;
  };
  refused("item,rating\n1,5\n2,many\n", "many");
  refused("item,rating\n1,5\n2,500\n", "500");
  refused("item,rating\n", "nothing below it");
  // Who is in a column that is not known?
  refused("reader,item,rating\na,1,5\nb,2,4\n", "for the user");
}

}  // namespace
}  // namespace tusk::test
