// tusk recommend for many users: tables, shards, filters.
#include <fstream>
#include <map>
#include <sstream>

#include "tests/cli/cli_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {
namespace {

class RecommendCommandTest : public CliTest {
 protected:
  static Outcome recommend(const Words& more) {
    Words words = {"recommend", model()};
    words.insert(words.end(), more.begin(), more.end());
    return run_tusk(words);
  }

  // The table that these options write.
  std::string table(const std::string& name, const Words& more) const {
    Words words = {"--out", file(name)};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome run = recommend(words);
    EXPECT_EQ(run.code, 0) << run.err;
    return read_file(file(name));
  }
};

std::vector<Words> rows_of(const std::string& tsv) {
  std::vector<Words> rows;
  std::istringstream stream(tsv);
  for (std::string line; std::getline(stream, line);) {
    rows.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, '\t');) rows.back().push_back(field);
  }
  return rows;
}

TEST_F(RecommendCommandTest, WritesARowForEveryUserAndRank) {
  const auto rows = rows_of(table("r.tsv", {"--all", "-k", "3"}));
  ASSERT_EQ(rows.size(), 1 + 200 * 3u);
  EXPECT_EQ(rows[0], (Words{"user", "rank", "item", "score", "rating", "title", "evidence"}));
  EXPECT_EQ(rows[1][0], "1");
  EXPECT_EQ(rows.back()[0], "200");
  const auto one = recommend({"--user", "7", "-k", "3", "--json"}).objects();
  for (std::size_t r = 0; r < 3; ++r) {
    const Words& row = rows[1 + 6 * 3 + r];
    EXPECT_EQ(row, (Words{"7", std::to_string(r + 1), one[r]["item"].dump(), one[r]["score"].dump(),
                          one[r]["rating"].dump(), one[r]["title"], "full"}));
  }
}

TEST_F(RecommendCommandTest, EveryFormatSaysTheSame) {
  const auto rows = rows_of(table("r.tsv", {"--all", "-k", "2"}));
  std::istringstream jsonl(table("r.jsonl", {"--all", "-k", "2"}));
  std::size_t count = 1;
  for (std::string line; std::getline(jsonl, line); ++count) {
    const Json object = Json::parse(line);
    EXPECT_EQ(object["user"].dump(), rows.at(count)[0]);
    EXPECT_EQ(object["item"].dump(), rows.at(count)[2]);
    EXPECT_EQ(object["title"], rows.at(count)[5]);
  }
  EXPECT_EQ(count, rows.size());
  const std::string csv = table("r.csv", {"--all", "-k", "2"});
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')), rows.size());
  EXPECT_TRUE(
      csv.starts_with("user,rank,item,score,rating,title,evidence\n1,1," + rows[1][2] + ","));
}

TEST_F(RecommendCommandTest, ShardsOneAfterAnotherAreOneRun) {
  for (const std::string end : {".tsv", ".csv", ".jsonl"}) {
    const std::string whole = table("whole" + end, {"--all", "-k", "4"});
    for (const int shards : {1, 3, 7, 201}) {
      if (shards == 201 && (end != ".tsv" || sanitized())) continue;
      std::string all;
      for (int s = 1; s <= shards; ++s) {
        const std::string shard = std::to_string(s) + "/" + std::to_string(shards);
        all += table("part" + end, {"--all", "-k", "4", "--shard", shard, "--overwrite",
                                    "--threads", std::to_string(1 + s % 3)});
      }
      EXPECT_TRUE(all == whole) << shards << " shards, " << end;
    }
  }
}

TEST_F(RecommendCommandTest, MoreShardsThanUsersAreOneRunToo) {
  const auto users = folder_.write("users.txt", "9\n3\n").string();
  for (const Words& out : {Words{}, Words{"--json"}}) {
    std::string all;
    Words words = {"--users", users, "-k", "2"};
    words.insert(words.end(), out.begin(), out.end());
    const std::string whole = recommend(words).out;
    words.insert(words.end(), {"--shard", ""});
    for (int s = 1; s <= 5; ++s) {
      words.back() = std::to_string(s) + "/5";
      all += recommend(words).out;
    }
    EXPECT_EQ(all, whole);
  }
}

TEST_F(RecommendCommandTest, MemoryAndThreadsDoNotChangeAByte) {
  const std::string whole = table("a.tsv", {"--all"});
  EXPECT_TRUE(table("b.tsv", {"--all", "--memory", "40k", "--threads", "1"}) == whole);
  const Outcome little = recommend({"--all", "--memory", "1k", "--out", file("c.tsv")});
  EXPECT_EQ(little.code, 2);
  EXPECT_NE(little.err.find("--memory is 1.0 kB; it must be at least "), std::string::npos)
      << little.err;
  EXPECT_FALSE(std::filesystem::exists(file("c.tsv")));
}

TEST_F(RecommendCommandTest, ReadsUsersFromAFile) {
  const auto users = folder_.write("users.txt", "9\r\n\n 3 \n9").string();
  const auto rows = rows_of(table("r.tsv", {"--users", users, "-k", "1"}));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1][0] + rows[2][0], "93") << "in its order, each once";
}

// Files of ids are read as ratings are.
TEST_F(RecommendCommandTest, ReadsFilesOfIdsAsRatingsAreRead) {
  const auto lists = [&](const std::string& text, Words more = {}) {
    const auto users = folder_.write("users.csv", text).string();
    Words arguments = {"--users", users, "-k", "1", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome run = recommend(arguments);
    EXPECT_EQ(run.code, 0) << run.err;
    std::string of;
    for (const Json& row : run.objects()) of += row["user"].dump() + " ";
    return of;
  };
  EXPECT_EQ(lists("\xEF\xBB\xBFuserId\r\n9\r\n3\r\n"), "9 3 ");
  EXPECT_EQ(lists("name;user\n\"A; B\";\"9\"\n"), "9 ");
  EXPECT_EQ(lists("9,3\n", {"--columns", "2"}), "3 ");
  EXPECT_EQ(lists("a b\n9 3\n", {"--columns", "b,a", "--delimiter", " ", "--header", "yes"}), "3 ");
  const auto items = folder_.write("items.csv", "title,movieId\n\"X, Y\",5\n").string();
  const auto rows = recommend({"--user", "9", "--candidates", items, "--include-seen", "--json"});
  ASSERT_EQ(rows.objects().size(), 1u) << rows.err;
  EXPECT_EQ(rows.objects()[0]["item"], 5);
}

TEST_F(RecommendCommandTest, AnIdListedTwiceIsReportedAndCountsOnce) {
  const auto users = folder_.write("users.txt", "9\n3\n9\n\"9\"\n").string();
  const Outcome run = recommend({"--users", users, "-k", "1", "--json", "--quiet"});
  EXPECT_EQ(run.objects().size(), 2u);
  EXPECT_NE(run.err.find("2 ids already listed and left out; the first: \"9\" on line 3"),
            std::string::npos)
      << run.err;
}

TEST_F(RecommendCommandTest, AnEmptyFileOfIdsIsAnError) {
  for (const char* text : {"", "\xEF\xBB\xBF", "\n", "user\n"}) {
    const auto users = folder_.write("users.txt", text).string();
    EXPECT_EQ(recommend({"--users", users}).code, 3) << text;
    EXPECT_EQ(recommend({"--all", "--candidates", users}).code, 3) << text;
  }
}

TEST_F(RecommendCommandTest, AnUnknownIdIsAnErrorWithItsLineOrIsSkipped) {
  const auto users = folder_.write("users.txt", "9\n\nnobody\n0\n").string();
  const Outcome strict =
      recommend({"--users", users, "--on-unknown", "error", "--out", file("r.tsv")});
  EXPECT_EQ(strict.code, 3);
  EXPECT_NE(strict.err.find("users.txt:3:1: found \"nobody\""), std::string::npos) << strict.err;
  EXPECT_FALSE(std::filesystem::exists(file("r.tsv")));
  const Outcome skipped = recommend({"--users", users, "--on-unknown", "skip", "--json"});
  EXPECT_EQ(skipped.code, 0);
  EXPECT_EQ(skipped.objects().size(), 10u);
  EXPECT_NE(skipped.err.find("2 ids skipped; the first: "), std::string::npos) << skipped.err;
  const auto none = folder_.write("none.txt", "nobody\n").string();
  EXPECT_EQ(recommend({"--users", none, "--on-unknown", "skip"}).code, 3);
  const auto empty = folder_.write("empty.txt", "\n \n").string();
  EXPECT_EQ(recommend({"--users", empty}).code, 3);
  EXPECT_EQ(recommend({"--users", file("missing.txt")}).code, 3);
}

TEST_F(RecommendCommandTest, CandidatesAreOnlyTheItemsOfTheFile) {
  const auto items = folder_.write("items.txt", "5\n17\n101\n").string();
  const auto rows =
      recommend({"--all", "--candidates", items, "--include-seen", "--json"}).objects();
  ASSERT_EQ(rows.size(), 600u);
  for (const Json& row : rows) {
    EXPECT_TRUE(row["item"] == 5 || row["item"] == 17 || row["item"] == 101) << row;
  }
  const auto bad = folder_.write("bad.txt", "5\n99999\n").string();
  const Outcome run = recommend({"--all", "--candidates", bad});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.err.find("bad.txt:2:1"), std::string::npos) << run.err;
}

TEST_F(RecommendCommandTest, MinimumOfRatingsLeavesOutRareItems) {
  ASSERT_EQ(run_tusk({"train", data(), "--epochs", "2", "--factors", "4", "--out", file("m")}).code,
            0);
  std::map<std::string, int> count;
  std::ifstream ratings(data() + "/ratings.csv");
  std::string line;
  std::getline(ratings, line);
  while (std::getline(ratings, line)) {
    const auto first = line.find(',') + 1;
    ++count[line.substr(first, line.find(',', first) - first)];
  }
  std::size_t frequent = 0;
  for (const auto& [item, ratings_of] : count) frequent += ratings_of >= 40 ? 1 : 0;
  ASSERT_GT(frequent, 0u);
  ASSERT_LT(frequent, count.size());
  const auto rows = run_tusk({"recommend", file("m"), "--user", "7", "-k", "500", "--min-ratings",
                              "40", "--include-seen", "--json"})
                        .objects();
  EXPECT_EQ(rows.size(), frequent);
  for (const Json& row : rows) EXPECT_GE(count[row["item"].dump()], 40);
  EXPECT_EQ(recommend({"--user", "7", "--min-ratings", "1000000"}).code, 2);
}

TEST_F(RecommendCommandTest, GenreIsFoundInAnyCaseOrSuggested) {
  const auto any = recommend({"--user", "7", "-k", "500", "--json"}).objects();
  const std::string genres = any.front()["genres"];
  std::string genre = genres.substr(0, genres.find('|'));
  std::string upper = genre;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  const auto rows = recommend({"--user", "7", "-k", "500", "--json", "--genre", upper}).objects();
  EXPECT_GT(rows.size(), 0u);
  EXPECT_LT(rows.size(), any.size());
  for (const Json& row : rows) {
    EXPECT_NE(("|" + row["genres"].get<std::string>() + "|").find("|" + genre + "|"),
              std::string::npos);
  }
  const Outcome wrong = recommend({"--user", "7", "--genre", genre + "x"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_NE(wrong.err.find("\"; there are " + genre + ", "), std::string::npos) << wrong.err;
  // All there are, whatever their case; those with the word within come first.
  const Outcome begun = recommend({"--user", "7", "--genre", upper.substr(0, 3)});
  EXPECT_EQ(begun.code, 2);
  EXPECT_NE(begun.err.find("\"; there are " + genre + ", "), std::string::npos) << begun.err;
  std::set<std::string> all;
  for (const Json& row : any) {
    std::stringstream names(row["genres"].get<std::string>());
    for (std::string name; std::getline(names, name, '|');) all.insert(name);
  }
  for (const std::string& name : all) EXPECT_NE(begun.err.find(name), std::string::npos) << name;
}

TEST_F(RecommendCommandTest, WithoutAFileAllListsGoToStdout) {
  const Outcome text = recommend({"--all", "-k", "2"});
  ASSERT_EQ(text.code, 0) << text.err;
  EXPECT_EQ(std::count(text.out.begin(), text.out.end(), '\n'), 401);
  const Outcome json = recommend({"--all", "-k", "2", "--json"});
  EXPECT_EQ(json.objects("recommendation").size(), 400u);
}

TEST_F(RecommendCommandTest, ReportsWhatItSaved) {
  const Outcome run =
      recommend({"--all", "-k", "2", "--shard", "2/4", "--json", "--out", file("r.csv")});
  ASSERT_EQ(run.objects().size(), 1u) << run.out;
  const Json result = run.objects("result").at(0);
  EXPECT_EQ(result["users"], 50);
  EXPECT_EQ(result["recommendations"], 100);
  EXPECT_EQ(result["shard"], "2/4");
  EXPECT_EQ(result["out"], file("r.csv"));
  EXPECT_EQ(result["rank_by"], "rating");
  EXPECT_EQ(result["support_prior"], "0");
}

TEST_F(RecommendCommandTest, ASupportPriorOrdersListsAndChangesNoRating) {
  const Words given = {"--user", "7", "-k", "100", "--json"};
  Words prior = given;
  prior.insert(prior.end(), {"--support-prior", "200:1"});
  std::map<Json, Json> rating;
  for (const Json& row : recommend(given).objects()) rating[row["item"]] = row["rating"];
  double last = 6;
  std::size_t found = 0;
  for (const Json& row : recommend(prior).objects()) {
    EXPECT_LE(row["score"].get<double>(), last);
    last = row["score"];
    if (const auto same = rating.find(row["item"]); same != rating.end()) {
      EXPECT_EQ(row["rating"], same->second);
      EXPECT_LT(row["score"], row["rating"]);
      ++found;
    }
  }
  EXPECT_GT(found, 0u);
  Words saved = {"--all", "--support-prior", "200", "--json", "--out", file("r.csv")};
  EXPECT_EQ(recommend(saved).objects("result").at(0)["support_prior"], "200:3");
  const Outcome text = recommend({"--user", "7", "--support-prior", "200"});
  EXPECT_NE(text.err.find("ranked by rating with support prior 200:3"), std::string::npos);
}

TEST_F(RecommendCommandTest, KeepsAFileThatIsThere) {
  const auto precious = folder_.write("ratings.csv", "precious").string();
  const Outcome run = recommend({"--all", "--out", precious});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(read_file(precious), "precious");
  EXPECT_NE(run.err.find("--overwrite"), std::string::npos) << run.err;
  EXPECT_EQ(recommend({"--all", "--out", precious, "--overwrite"}).code, 0);
  EXPECT_TRUE(read_file(precious).starts_with("user,rank"));
  // What fails later leaves the old file, too.
  EXPECT_EQ(recommend({"--user", "nobody", "--out", precious, "--overwrite"}).code, 3);
  EXPECT_TRUE(read_file(precious).starts_with("user,rank"));
}

TEST_F(RecommendCommandTest, EscapesWhatWouldBreakARow) {
  folder_.write("ratings.csv", "userId,movieId,rating\n\"a,b\",1,3\nc,1,5\nc,2,4\n\"a,b\",3,2\n");
  folder_.write("movies.csv",
                "movieId,title,genres\n1,One,War\n2,\"T\two, \"\"2\"\"\",War\n3,Three,War\n");
  ASSERT_EQ(run_tusk({"train", folder_.path().string(), "--epochs", "1", "--out", file("m")}).code,
            0);
  ASSERT_EQ(run_tusk({"recommend", file("m"), "--all", "--out", file("r.csv")}).code, 0);
  ASSERT_EQ(run_tusk({"recommend", file("m"), "--all", "--out", file("r.tsv")}).code, 0);
  const std::string csv = read_file(file("r.csv"));
  EXPECT_NE(csv.find("\n\"a,b\",1,2,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",\"T\\x09wo, \"\"2\"\"\",full\n"), std::string::npos) << csv;
  const auto rows = rows_of(read_file(file("r.tsv")));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1][0], "a,b");
  EXPECT_EQ(rows[1][5], "T\\x09wo, \"2\"");
}

TEST_F(RecommendCommandTest, ASpreadsheetRunsNothingInATable) {
  folder_.write("d/ratings.csv",
                "userId,movieId,rating\n@u,-5,3\n@u,+a,4\n@u,c,2\n@u,d,1\n-7.5,e,5\nx,-5,1\n");
  folder_.write("d/movies.csv",
                "movieId,title,genres\n-5,\"=HYPERLINK(\"\"x\"\",1)\",A\n+a, -cmd|x,A\nc,-12.5,A\n"
                "d,\uff1d1+1,A\ne,a=b,A\n");
  ASSERT_EQ(run_tusk({"train", file("d"), "--model", "popular", "--out", file("dm")}).code, 0);
  const auto list = [&](const std::string& name, const Words& more) {
    Words words = {"recommend", file("dm"), "--all",   "--include-seen",
                   "--quiet",   "--out",    file(name)};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(run_tusk(words).code, 0);
    return read_file(file(name));
  };
  const std::string csv = list("r.csv", {});
  for (const char* cell : {",\"'=HYPERLINK(\"\"x\"\",1)\",", ",\"'+a\",", ",-5,", ",-12.5,",
                           "\n\"'@u\",", ",\"'-cmd|x\",", ",\"'\uff1d1+1\",", ",a=b,", "\n-7.5,"}) {
    EXPECT_NE(csv.find(cell), std::string::npos) << cell << " in\n" << csv;
  }
  const std::string tsv = list("r.tsv", {});
  EXPECT_NE(tsv.find("\t'=HYPERLINK(\"x\",1)\t"), std::string::npos) << tsv;
  EXPECT_NE(list("r.jsonl", {}).find("\"=HYPERLINK("), std::string::npos);
  const std::string raw = list("raw.csv", {"--raw-cells"});
  EXPECT_NE(raw.find(",\"=HYPERLINK(\"\"x\"\",1)\","), std::string::npos) << raw;
  EXPECT_EQ(raw.find('\''), std::string::npos);
}

TEST_F(RecommendCommandTest, TheCommandLineGoesBeforeTheEnvironment) {
  RunOptions options;
  options.environment = {{"TUSK_USER", "7"}, {"TUSK_INCLUDE_SEEN", "true"}};
  const Words words = {"recommend", model(), "--all", "-k", "500", "--json"};
  const auto included = run_tusk(words, options).objects();
  Words excluding = words;
  excluding.emplace_back("--exclude-seen");
  const auto excluded = run_tusk(excluding, options).objects();
  EXPECT_GT(included.size(), excluded.size());
  EXPECT_EQ(excluded.size(), run_tusk(words).objects().size());
}

TEST_F(RecommendCommandTest, AnInterruptSavesNothing) {
  if (!has_terminals()) GTEST_SKIP() << "no pseudo-terminals here";
  RunOptions options;
  options.terminal = true;
  options.interrupt_at = "users/s";
  std::string ratings;
  for (int user = 0; user < 40'000; ++user) {
    for (int item = 0; item < 3; ++item) {
      ratings += std::to_string(user) + "," + std::to_string((user + 7 * item) % 200) + ",3\n";
    }
  }
  const auto data = folder_.write("r.csv", ratings).string();
  ASSERT_EQ(run_tusk({"train", data, "--model", "bias", "--out", file("m"), "--quiet"}).code, 0);
  // Little memory makes many batches, so it takes long.
  const Outcome run = run_tusk(
      {"recommend", file("m"), "--all", "-k", "100", "--memory", "17k", "--out", file("r.tsv")},
      options);
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_NE(run.err.find("nothing is saved"), std::string::npos) << run.err;
  EXPECT_FALSE(std::filesystem::exists(file("r.tsv")));
}

}  // namespace
}  // namespace tusk::test
