// --table: results as they are shown, for papers.
#include <fstream>
#include <set>
#include <sstream>

#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class TableTest : public CliTest {
 protected:
  // Runs the command with a table of that name, and gives what is in it.
  std::string table(Words words, const std::string& name) {
    words.insert(words.end(), {"--table", file(name), "--overwrite", "--quiet"});
    run_ = run_tusk(words);
    EXPECT_EQ(run_.code, 0) << run_.err;
    std::ifstream in(file(name));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  static std::vector<std::string> lines(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  Outcome run_;
};

TEST_F(TableTest, OfAComparisonHasTheBestInBold) {
  const Words words = {"compare", data(), "--models", "mean,bias", "--folds", "3"};
  const std::string markdown = table(words, "t.md");
  const auto rows = lines(markdown);
  ASSERT_EQ(rows.size(), 4u) << markdown;
  EXPECT_TRUE(rows[2].starts_with("| bias  | **0.")) << markdown;
  EXPECT_NE(rows[0].find("NDCG@10"), std::string::npos);
  EXPECT_TRUE(rows[3].starts_with("| mean  |     1.")) << markdown;
  EXPECT_NE(run_.out.find("saved " + file("t.md")), std::string::npos) << run_.out;
  const std::string latex = table(words, "t.tex");
  EXPECT_TRUE(latex.starts_with("\\begin{tabular}{lrrrrrrrr}\n\\toprule\nmodel & ")) << latex;
  EXPECT_NE(latex.find("bias  & \\textbf{0."), std::string::npos) << latex;
}

TEST_F(TableTest, OfACrossValidationHasFoldsMeansAndDeviations) {
  const auto rows = lines(table({"cv", data(), "--model", "bias", "--folds", "3"}, "t.csv"));
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_TRUE(rows[0].starts_with("fold,ratings,RMSE,MAE,users,P@10,")) << rows[0];
  EXPECT_TRUE(rows[1].starts_with("1,166")) << rows[1];
  EXPECT_TRUE(rows[4].starts_with("mean,,0.")) << rows[4];
  EXPECT_TRUE(rows[5].starts_with("std,,0.0")) << rows[5];
  const std::string mean = run_.out.substr(run_.out.find("\nmean"));
  const std::string rmse = rows[4].substr(6, 6);
  EXPECT_NE(mean.find(rmse), std::string::npos) << rmse << " is not what is shown:\n" << mean;
  const auto errors =
      lines(table({"cv", data(), "--model", "mean", "--folds", "2", "--top", "0"}, "e.csv"));
  EXPECT_EQ(errors[0], "fold,ratings,RMSE,MAE");
}

TEST_F(TableTest, OfAModelIsARow) {
  const auto rows = lines(table({"evaluate", model(), data()}, "t.csv"));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_TRUE(rows[0].starts_with("model,ratings,RMSE,MAE,users,P@10,")) << rows[0];
  EXPECT_TRUE(rows[1].starts_with("mf,")) << rows[1];
}

TEST_F(TableTest, OfASearchHasAllTrials) {
  const Words words = {"tune",    data(), "--model", "bias", "--grid", "item-damping=0,1,2,3",
                       "--folds", "3"};
  const auto rows = lines(table(words, "t.md"));
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_NE(rows[0].find("item-damping"), std::string::npos) << rows[0];
  Words nested = words;
  nested.insert(nested.end(), {"--test-fold", "all"});
  EXPECT_EQ(lines(table(nested, "n.md")).size(), 6u) << "three folds and their mean";
}

TEST_F(TableTest, HasANameThatSaysItsFormat) {
  const Outcome run = run_tusk({"cv", data(), "--model", "bias", "--table", file("t.txt")});
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("t.txt"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find(".md, .tex or .csv"), std::string::npos) << run.err;
  folder_.write("mine.md", "mine");
  EXPECT_EQ(run_tusk({"evaluate", model(), data(), "--table", file("mine.md")}).code, 2);
}

TEST_F(TableTest, OfSeveralLengthsHasDifferentColumns) {
  for (const Words& words :
       {Words{"cv", data(), "--model", "bias", "--folds", "2", "--top", "5,10"},
        Words{"evaluate", model(), data(), "--top", "5,10"},
        Words{"compare", data(), "--models", "mean,bias", "--folds", "2", "--top", "5,10"}}) {
    const std::string header = lines(table(words, "t.csv")).at(0) + ",";
    std::set<std::string> columns;
    std::istringstream in(header);
    std::size_t count = 0;
    for (std::string name; std::getline(in, name, ','); ++count) columns.insert(name);
    EXPECT_EQ(columns.size(), count) << header;
    for (const char* name : {",NDCG@5,", ",NDCG@10,"}) {
      EXPECT_NE(header.find(name), std::string::npos) << header;
    }
    if (words[0] == "compare") continue;
    EXPECT_NE(header.find(",coverage@5,"), std::string::npos) << header;
    EXPECT_NE(header.find(",coverage@10,"), std::string::npos) << header;
  }
}

}  // namespace
}  // namespace tusk::test
