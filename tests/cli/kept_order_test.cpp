// What a model keeps of how it was trained: the order of its lists.
#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class KeptOrderTest : public CliTest {
 protected:
  static std::string list_of(const std::string& model, const Words& more = {}) {
    Words words = {"recommend", model, "--user", "3"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 0) << run.err;
    return run.out;
  }
};

TEST_F(KeptOrderTest, ListsAreOrderedAsTrainingWasTold) {
  const Words train = {"train",        data(), "--model", "item-knn",
                       "--neighbours", "20",   "--split", "random:0.2"};
  Words by_sum = train;
  by_sum.insert(by_sum.end(), {"--rank-by", "sum", "--support-prior", "2", "--out", file("sum")});
  ASSERT_EQ(run_tusk(by_sum).code, 0);
  Words by_rating = train;
  by_rating.insert(by_rating.end(), {"--out", file("rating")});
  ASSERT_EQ(run_tusk(by_rating).code, 0);
  const Words asked = {"--rank-by", "sum", "--support-prior", "2"};
  EXPECT_EQ(list_of(file("sum")), list_of(file("rating"), asked));
  EXPECT_NE(list_of(file("sum")), list_of(file("rating")));
  EXPECT_EQ(list_of(file("sum"), {"--rank-by", "rating", "--support-prior", "0"}),
            list_of(file("rating")));
  const Json judged = run_tusk({"evaluate", file("sum"), data(), "--json"}).objects("result").at(0);
  EXPECT_EQ(judged["ranking"]["rank_by"], "sum");
  const Json metadata = run_tusk({"info", file("rating"), "--json"}).objects().at(0)["metadata"];
  EXPECT_FALSE(metadata.contains("rank_by"));
  // A search keeps the order that was best.
  ASSERT_EQ(run_tusk({"tune", data(), "--model", "item-knn", "--grid", "rank-by=sum", "--grid",
                      "neighbours=5,20", "--folds", "2", "--out", file("tuned")})
                .code,
            0);
  EXPECT_EQ(list_of(file("tuned")), list_of(file("tuned"), {"--rank-by", "sum"}));
  EXPECT_EQ(run_tusk({"train", data(), "--model", "bias", "--top", "0", "--rank-by", "sum"}).code,
            2);
}

TEST_F(KeptOrderTest, OptionsOfALearnerThatWasNotChosenAreIdle) {
  const auto trained = [&](const Words& more) {
    Words words = {"train", data(), "--model", "hybrid", "--fusion", "ranks"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome run = run_tusk(words);
    EXPECT_EQ(run.code, 0) << run.err;
    return run.err;
  };
  const std::string idle = trained({"--ials-epochs", "3"});
  EXPECT_NE(idle.find("--ials-epochs has no effect with --collaborative ease"), std::string::npos)
      << idle;
  const std::string used = trained({"--ease-regularization", "50", "--low-weight", "0.3"});
  EXPECT_EQ(used.find("no effect"), std::string::npos) << used;
  // Nor does what training found out make an option idle: the number of epochs, here.
  const Outcome mf = run_tusk({"train", data(), "--factors", "2", "--holdout", "0.2"});
  EXPECT_EQ(mf.err.find("no effect"), std::string::npos) << mf.err;
}

TEST_F(KeptOrderTest, UsersWhoWereHeldOutHaveNoListToJudge) {
  ASSERT_EQ(
      run_tusk({"train", data(), "--model", "bias", "--split", "users:20", "--out", file("m")})
          .code,
      0);
  const Outcome run = run_tusk({"evaluate", file("m"), data()});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.err.find("trained on the split users:20"), std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("is it the same data"), std::string::npos) << run.err;
  EXPECT_NE(run.out.find("all of users without training ratings"), std::string::npos) << run.out;
}

}  // namespace
}  // namespace tusk::test
