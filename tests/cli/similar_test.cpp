// tusk similar.
#include "tests/cli/cli_test.hpp"
#include "tests/support/datasets.hpp"

namespace tusk::test {
namespace {

class SimilarCommandTest : public CliTest {
 protected:
  // A model whose titles are known.
  std::string titled_model(const char* kind = "mf") const {
    folder_.write("ratings.csv",
                  "userId,movieId,rating\n1,1,3\n1,2,5\n2,2,4\n2,3,1\n3,1,2\n3,4,5\n");
    folder_.write(
        "movies.csv",
        "movieId,title,genres\n1,Am\xc3\xa9lie (2001),Comedy\n2,\"Matrix, The (1999)\",War\n"
        "3,Hamlet (1990),Drama\n4,Hamlet (1996),Drama\n");
    std::vector<std::string> words = {"train", folder_.path().string(), "--model", kind,
                                      "--out", file("m.safetensors")};
    if (std::string(kind) == "mf") words.insert(words.end(), {"--epochs", "3"});
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 0) << run.err;
    return file("m.safetensors");
  }
};

TEST_F(SimilarCommandTest, ListsItemsByFallingSimilarity) {
  const Outcome run = run_tusk({"similar", model(), "--item", "3", "-k", "5", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto rows = run.objects("similar");
  ASSERT_EQ(rows.size(), 5u);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    EXPECT_EQ(keys(rows[r]), (std::set<std::string>{"event", "to", "rank", "item", "title",
                                                    "genres", "similarity"}));
    EXPECT_EQ(rows[r]["to"], 3);
    EXPECT_EQ(rows[r]["rank"], r + 1);
    EXPECT_NE(rows[r]["item"], 3);
    EXPECT_LE(rows[r]["similarity"], r == 0 ? Json(1) : rows[r - 1]["similarity"]);
  }
  const Outcome text = run_tusk({"similar", model(), "--item", "3", "-k", "5", "--quiet"});
  EXPECT_EQ(std::count(text.out.begin(), text.out.end(), '\n'), 6);
  EXPECT_EQ(text.err, "");
}

TEST_F(SimilarCommandTest, FindsTheItemByItsTitle) {
  const std::string model = titled_model();
  for (const char* title : {"Am\xc3\xa9lie (2001)", "amelie", "AMELIE"}) {
    const Outcome run = run_tusk({"similar", model, "--title", title, "--json"});
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.objects().size(), 3u) << "all others, which are fewer than 10";
    EXPECT_EQ(run.objects()[0]["to"], 1);
    EXPECT_NE(run.err.find("like item 1, Am\xc3\xa9lie (2001)"), std::string::npos) << run.err;
  }
  EXPECT_EQ(run_tusk({"similar", model, "--title", "The Matrix"}).code, 0);
}

TEST_F(SimilarCommandTest, AsksWhichOfSeveralIsMeant) {
  const Outcome run = run_tusk({"similar", titled_model(), "--title", "hamlet"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("2 items have the title \"hamlet\""), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("Hamlet (1996) (--item 4)"), std::string::npos) << run.err;
}

TEST_F(SimilarCommandTest, SuggestsTitlesThatAreNear) {
  const std::string model = titled_model();
  const Outcome near = run_tusk({"similar", model, "--title", "Amile"});
  EXPECT_EQ(near.code, 3);
  EXPECT_NE(near.err.find("did you mean Am\xc3\xa9lie (2001) (--item 1)?"), std::string::npos)
      << near.err;
  const Outcome far = run_tusk({"similar", model, "--title", "Xyzzy plugh"});
  EXPECT_EQ(far.code, 3);
  EXPECT_EQ(far.err.find("did you mean"), std::string::npos) << far.err;
}

TEST_F(SimilarCommandTest, RefusesWhatMakesNoSense) {
  const std::string model = titled_model("bias");
  const Outcome bias = run_tusk({"similar", model, "--item", "1"});
  EXPECT_EQ(bias.code, 2);
  EXPECT_NE(bias.err.find("a model of kind bias has neither factors nor neighbours"),
            std::string::npos)
      << bias.err;
  EXPECT_EQ(run_tusk({"similar", model}).code, 2);
  EXPECT_EQ(run_tusk({"similar", model, "--item", "1", "--title", "x"}).code, 2);
  const Outcome unknown = run_tusk({"similar", model, "--item", "99"});
  EXPECT_EQ(unknown.code, 3);
  EXPECT_NE(unknown.err.find("it knows 1 .. 4"), std::string::npos) << unknown.err;
  EXPECT_EQ(run_tusk({"similar", SimilarCommandTest::model(), "--item", "1", "-k", "0"}).code, 2);
}

TEST_F(SimilarCommandTest, SaysWhatTheModelDoesNotHave) {
  const auto untitled = folder_.write("r.csv", "user,item,rating\n1,1,3\n1,2,4\n2,1,5\n2,2,1\n");
  const Outcome train =
      run_tusk({"train", untitled.string(), "--model", "item-knn", "--out", file("m.safetensors")});
  ASSERT_EQ(train.code, 0) << train.err;
  const Outcome title = run_tusk({"similar", file("m.safetensors"), "--title", "heat"});
  EXPECT_EQ(title.code, 3);
  EXPECT_NE(title.err.find("the model has no titles"), std::string::npos) << title.err;
  const Outcome few =
      run_tusk({"similar", file("m.safetensors"), "--item", "1", "--min-ratings", "1000"});
  EXPECT_EQ(few.code, 2);
  EXPECT_NE(few.err.find("no other item meets the conditions"), std::string::npos) << few.err;
  const Outcome years =
      run_tusk({"recommend", file("m.safetensors"), "--user", "2", "--from", "1990"});
  EXPECT_EQ(years.code, 2);
  EXPECT_NE(years.err.find("none of its items has a year"), std::string::npos) << years.err;
}

TEST_F(SimilarCommandTest, RealTitlesAreFound) {
  TUSK_REAL_DATA(folder, "ml-latest-small");
  ASSERT_EQ(
      run_tusk({"train", folder.string(), "--epochs", "30", "--factors", "16", "--out", file("m")})
          .code,
      0);
  const Outcome run = run_tusk({"similar", file("m"), "--title", "toy story", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.objects().at(0)["to"], 1);
  EXPECT_EQ(run_tusk({"similar", file("m"), "--title", "The Shawshank Redemption"}).code, 0);
}

}  // namespace
}  // namespace tusk::test
