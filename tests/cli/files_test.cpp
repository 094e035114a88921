// Kinds of files that the program reads and writes.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>

#include "tests/cli/cli_test.hpp"
#include "tests/support/movies_dataset.hpp"
#include "tests/support/packed.hpp"
#include "tests/support/paths.hpp"

namespace tusk::test {
namespace {

class FilesTest : public CliTest {};

void expect_says(const std::string& text, const std::string& words) {
  EXPECT_NE(text.find(words), std::string::npos) << text;
}

// The parts of a text between delimiters, without an empty last one.
Words words_of(const std::string& text, char delimiter = ' ') {
  Words words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, delimiter);) words.push_back(word);
  return words;
}

Words lines_of(const std::string& text) { return words_of(text, '\n'); }

TEST_F(FilesTest, StandardInputAndPackedFilesAreData) {
  const std::string text = read_file(data() + "/ratings.csv");
  const auto packed = folder_.write("r.csv.gz", compressed(text, "gzip"));
  const Outcome plain = run_tusk({"data", "stats", data() + "/ratings.csv", "--json"});
  const Outcome unpacked = run_tusk({"data", "stats", packed.string(), "--json"});
  ASSERT_EQ(unpacked.code, 0) << unpacked.err;
  EXPECT_EQ(unpacked.objects().at(0)["hash"], plain.objects().at(0)["hash"]);
  const std::string command = "gzip -dc '" + packed.string() + "' | '" + tusk_program() +
                              "' data stats - --json > '" + file("out") + "' 2> '" + file("err") +
                              "'";
  ASSERT_EQ(std::system(command.c_str()), 0) << read_file(file("err"));
  const Json piped = Json::parse(read_file(file("out")));
  EXPECT_EQ(piped["hash"], plain.objects().at(0)["hash"]);
  expect_says(read_file(file("err")), "read standard input: comma-separated");
}

TEST_F(FilesTest, WhatAFileIsIsSaid) {
  const auto stats = [&](const std::string& text, Words more = {}) {
    Words words = {"data", "stats", folder_.write("r.txt", text).string(), "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run_tusk(words);
  };
  const Outcome json = stats("{\"user_id\":1,\"business_id\":\"b\",\"stars\":5}\n");
  expect_says(json.err,
              "read r.txt: JSON lines; user=user_id item=business_id rating=stars; ratings");
  EXPECT_EQ(json.objects().at(0)["read"]["layout"], "json-lines");
  expect_says(stats("1:\n7,3,2005-09-06\n").err, "blocks of the Netflix Prize");
  const Outcome clicks = stats("1,10\n1,10\n2,11\n", {"--implicit"});
  expect_says(clicks.err, "weights 1 .. 2");
  expect_says(clicks.err, "the sum counts");
  expect_says(stats("User-ID;ISBN;Book-Rating\n1;a;0\n1;b;7\n2;a;8\n").err,
              "1 entry of value 0 left out");
  const Outcome latin = stats("user,item,rating\n1,Caf\xe9,5\n");
  EXPECT_EQ(latin.code, 3);
  expect_says(latin.err, "--encoding");
  EXPECT_EQ(stats("user,item,rating\n1,Caf\xe9,5\n", {"--encoding", "latin-1"}).code, 0);
  EXPECT_EQ(stats("1,2,3\n", {"--encoding", "klingon"}).code, 2);
}

TEST_F(FilesTest, TheMoviesDatasetIsTrainedOnAsItIs) {
  const MoviesDataset written = write_movies_dataset(folder_.path());
  const Outcome train = run_tusk({"train", folder_.path().string(), "--model", "bias", "--out",
                                  file("m.safetensors"), "--quiet"});
  ASSERT_EQ(train.code, 0) << train.err;
  std::string lines;
  for (const std::int64_t line : written.bad_lines) {
    lines += (lines.empty() ? "" : ", ") + std::to_string(line);
  }
  expect_says(train.err, "6 bad rows of titles skipped (lines " + lines + "); the first: ");
  expect_says(train.err, "movies_metadata.csv:" + std::to_string(written.bad_lines.front()) + ":");
  const Outcome list = run_tusk({"recommend", file("m.safetensors"), "--user", "1", "-k", "3"});
  ASSERT_EQ(list.code, 0) << list.err;
  expect_says(list.out, "Film ");
  expect_says(list.out, " (19");
  const Outcome exported = run_tusk({"export", file("m.safetensors"), "--to", file("to")});
  ASSERT_EQ(exported.code, 0) << exported.err;
  expect_says(read_file(file("to/items.csv")), ",Film 2 (1962),Animation|Comedy,1962\n");
}

TEST_F(FilesTest, PartsOfASplitAreFiles) {
  const Outcome split = run_tusk({"data", "split", data(), "--split", "random:0.2", "--out",
                                  file("parts"), "--qrels", "--json"});
  ASSERT_EQ(split.code, 0) << split.err;
  const Json result = split.objects("result").at(0);
  EXPECT_EQ(result["parts"].at(1)["ratings"], 1000);
  const Outcome train = run_tusk(
      {"train", file("parts/train.csv"), "--model", "bias", "--out", file("m"), "--quiet"});
  ASSERT_EQ(train.code, 0) << train.err;
  const Outcome run =
      run_tusk({"recommend", file("m"), "--all", "-k", "2", "--out", file("x.run")});
  ASSERT_EQ(run.code, 0) << run.err;
  const Words lists = lines_of(read_file(file("x.run")));
  ASSERT_EQ(lists.size(), 2 * 200u) << "two items for each user";
  const Outcome best = run_tusk({"recommend", file("m"), "--user", "1", "-k", "1", "--json"});
  const Json item = best.objects("recommendation").at(0);
  const Words fields = words_of(lists[0]);
  ASSERT_EQ(fields.size(), 6u) << lists[0];
  EXPECT_EQ(lists[0], "1 Q0 " + item["item"].dump() + " 1 " + fields[4] + " tusk");
  EXPECT_EQ(std::stof(fields[4]), item["score"].get<float>());
  // Each test rating of 4 or more: user, 0, item, 1.
  Words qrels;
  for (const std::string& row : lines_of(read_file(file("parts/test.csv")))) {
    Words cells = words_of(row, ',');
    if (cells[0] == "userId" || std::stof(cells[2]) < 4) continue;
    qrels.push_back(cells[0] + " 0 " + cells[1] + " 1");
  }
  ASSERT_FALSE(qrels.empty());
  EXPECT_EQ(lines_of(read_file(file("parts/test.qrels"))), qrels);
  const Outcome folds =
      run_tusk({"data", "split", data(), "--folds", "3", "--out", file("folds"), "--quiet"});
  ASSERT_EQ(folds.code, 0) << folds.err;
  EXPECT_TRUE(std::filesystem::exists(file("folds/test-3.csv")));
  const Outcome neither = run_tusk({"data", "split", data(), "--out", file("none")});
  EXPECT_EQ(neither.code, 2);
  expect_says(neither.err, "give either --split or --folds");
  const Outcome none =
      run_tusk({"data", "split", data(), "--split", "none", "--out", file("none")});
  EXPECT_EQ(none.code, 2);
  expect_says(none.err, "--split none leaves no test part");
  EXPECT_FALSE(std::filesystem::exists(file("none")));
  const Outcome again = run_tusk({"data", "split", data(), "--folds", "3", "--out", file("folds")});
  EXPECT_EQ(again.code, 2) << "nothing is replaced";
  expect_says(again.err, "train-1.csv is there; remove it first or give --overwrite");
}

TEST_F(FilesTest, SplitsSayThatNoRatingIsRelevant) {
  Words words = {"data", "split", data(), "--split", "random:0.2", "--out", file("a/b")};
  words.insert(words.end(), {"--relevance", "1000"});
  const Outcome without = run_tusk(words);
  EXPECT_EQ(without.code, 2);
  expect_says(without.err, "--relevance has no effect without --qrels");
  words.push_back("--qrels");
  const Outcome empty = run_tusk(words);
  EXPECT_EQ(empty.code, 0) << empty.err;
  expect_says(empty.err, "no test rating of 1000 or more: the qrels are empty");
  EXPECT_TRUE(std::filesystem::exists(file("a/b/test.qrels")));
}

TEST_F(FilesTest, TitlesAreTakenFromATable) {
  const auto ratings = folder_.write("r.csv", "user,item,rating\n1,10,3\n1,11,4\n2,10,5\n");
  const auto titles = folder_.write("t.txt", "nr|what\n10|Heat (1995)\n11|Cold\n");
  const Outcome stats = run_tusk({"data", "stats", ratings.string(), "--titles", titles.string(),
                                  "--title-columns", "nr,what", "--json"});
  ASSERT_EQ(stats.code, 0) << stats.err;
  EXPECT_EQ(stats.objects().at(0)["titles"], 2);
  EXPECT_EQ(run_tusk({"data", "stats", ratings.string(), "--titles", file("none")}).code, 3);
  const Outcome unnamed = run_tusk({"data", "stats", ratings.string(), "--titles", titles.string(),
                                    "--title-columns", "nr,title"});
  EXPECT_EQ(unnamed.code, 3);
  expect_says(unnamed.err, "a column \"title\" as --title-columns says");
}

}  // namespace
}  // namespace tusk::test
