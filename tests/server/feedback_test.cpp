#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <tusk/dataset.hpp>
#include <tusk/error.hpp>

#include "server/feedback_file.hpp"
#include "tests/server/fixture.hpp"
#include "tests/support/temp_folder.hpp"

namespace tusk::test {
namespace {

using server::Feedback;
using server::FeedbackFile;

constexpr const char* kHeader = "userId,movieId,rating,timestamp\n";

class FeedbackTest : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "feedback.csv"; }
  std::string text() const { return read_file(path()); }

  TempFolder folder_;
};

TEST_F(FeedbackTest, IsRatingsAsTheyAreRead) {
  const std::vector<Feedback> feedback = {
      {"u,1", "i\"1", 4.5f, 100}, {" b ", "=cmd", 3, 200}, {"u,1", "i\"1", 1, 300}};
  FeedbackFile(path()).add(feedback);
  const Dataset data = read_dataset(path());
  EXPECT_EQ(data.size(), 2);
  EXPECT_EQ(data.users.size(), 2);
  ASSERT_TRUE(data.users.find("u,1").has_value());
  EXPECT_TRUE(data.users.find(" b ").has_value());
  EXPECT_TRUE(data.items.find("i\"1").has_value());
  EXPECT_TRUE(data.items.find("=cmd").has_value());
  const auto row =
      static_cast<std::size_t>(data.offset[static_cast<std::size_t>(*data.users.find("u,1"))]);
  EXPECT_EQ(data.rating[row], 1) << "the later one counts";
}

TEST_F(FeedbackTest, IsAddedToWhatIsThere) {
  const std::vector<Feedback> one = {{"1", "2", 3, 4}};
  FeedbackFile(path()).add(one);
  FeedbackFile(path()).add(one);
  EXPECT_EQ(text(), std::string(kHeader) + "1,2,3,4\n1,2,3,4\n");
  FeedbackFile unused(path());
  EXPECT_EQ(unused.kept(), 0);
}

TEST_F(FeedbackTest, CutsOffWhatWasNeverFinished) {
  const std::vector<Feedback> one = {{"1", "2", 3, 4}};
  for (const std::string& torn :
       {std::string(), std::string("userId,mo"), std::string(kHeader), std::string(kHeader) + "9,9",
        std::string(kHeader) + "1,2,3,4\n1,2,3"}) {
    folder_.write("feedback.csv", torn);
    FeedbackFile(path()).add(one);
    const std::string lines = text().substr(std::string(kHeader).size());
    EXPECT_EQ(lines, torn.ends_with("3") ? "1,2,3,4\n1,2,3,4\n" : "1,2,3,4\n") << torn;
  }
}

TEST_F(FeedbackTest, RefusesOtherFilesAndOtherServers) {
  folder_.write("feedback.csv", "user,item\n1,2\n");
  EXPECT_THROW(FeedbackFile{path()}, InputError);
  EXPECT_EQ(text(), "user,item\n1,2\n");
  EXPECT_THROW(FeedbackFile{folder_.path()}, Error);
  EXPECT_THROW(FeedbackFile{folder_.path() / "none" / "f"}, Error);
  const auto other = folder_.path() / "other.csv";
  const FeedbackFile first(other);
  EXPECT_THROW(FeedbackFile{other}, Error);
}

TEST_F(FeedbackTest, ManyThreadsLoseNoLine) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  {
    FeedbackFile file(path());
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&file, t] {
        for (int n = 0; n < kEach; ++n) {
          const std::vector<Feedback> some = {{fmt::format("{}", t), fmt::format("{}", n), 3, 4},
                                              {fmt::format("{}", t), fmt::format("b{}", n), 3, 4}};
          file.add(some);
        }
      });
    }
    threads.clear();
    EXPECT_EQ(file.kept(), 2 * kThreads * kEach);
  }
  const std::string all = text();
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2 * kThreads * kEach + 1);
  EXPECT_EQ(read_dataset(path()).size(), 2 * kThreads * kEach);
}

TEST_F(FeedbackTest, AFullDiskLeavesNothingOfARequest) {
  FeedbackFile file(path());
  const std::vector<Feedback> one = {{"1", "2", 3, 4}};
  file.add(one);
  const std::string before = text();
  // A limit on the size of files is like a disk that is full.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit usual{};
  getrlimit(RLIMIT_FSIZE, &usual);
  rlimit full = usual;
  full.rlim_cur = before.size() + 4;
  setrlimit(RLIMIT_FSIZE, &full);
  EXPECT_THROW(file.add(one), Error);
  setrlimit(RLIMIT_FSIZE, &usual);
  EXPECT_EQ(text(), before);
  file.add(one);
  EXPECT_EQ(text(), before + "1,2,3,4\n");
  EXPECT_EQ(file.kept(), 2);
}

TEST_F(FeedbackTest, ComesByTheApi) {
  FeedbackFile file(path());
  const server::Context context{small_served(), &file};
  EXPECT_EQ(ask_json(context, "POST", "/api/feedback",
                     R"({"user": "new", "item": 77, "rating": 4.5})", 201)["accepted"],
            1);
  EXPECT_EQ(ask_json(context, "POST", "/api/feedback",
                     R"({"feedback": [{"user": "a", "item": "10", "like": true},
                                      {"user": "a", "item": "20", "like": false}]})",
                     201)["accepted"],
            2);
  const std::string all = text();
  EXPECT_NE(all.find("\nnew,77,4.5,"), std::string::npos) << all;
  EXPECT_NE(all.find("\na,10,5,"), std::string::npos) << all;
  EXPECT_NE(all.find("\na,20,1,"), std::string::npos) << all;
  for (const char* body :
       {"{}", R"({"user": "a"})", R"({"user": "a", "item": "10"})", R"({"feedback": []})",
        R"({"user": "", "item": "1", "rating": 1})",
        R"({"user": "a\nb", "item": "1", "rating": 1})",
        R"({"user": "a", "item": "1", "rating": 1, "like": true})",
        R"({"user": "a", "item": "no number", "rating": 1})",
        R"({"user": "a", "item": "007", "rating": 1})",
        R"({"feedback": [{"user": "a", "item": "10", "rating": 3}, {"user": "a"}]})",
        R"({"user": "a", "item": "1", "rating": 1, "feedback": []})"}) {
    expect_problem(ask(context, "POST", "/api/feedback", body), 422, "invalid-value");
  }
  expect_problem(
      ask(context, "POST", "/api/feedback", R"({"user": "a", "item": "1", "rating": 6})"), 422,
      "off-scale");
  EXPECT_EQ(text(), all) << "a request that is refused keeps nothing";
}

}  // namespace
}  // namespace tusk::test
