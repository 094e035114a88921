// tusk chat.
#include "tests/cli/cli_test.hpp"

namespace tusk::test {
namespace {

class ChatCommandTest : public CliTest {
 protected:
  Outcome chat(const std::string& lines, const Words& more = {}, const std::string& of = model()) {
    Words words = {"chat", of};
    words.insert(words.end(), more.begin(), more.end());
    RunOptions options;
    options.input = folder_.write("lines.txt", lines).string();
    return run_tusk(words, options);
  }
};

TEST_F(ChatCommandTest, AnswersEachLine) {
  const Outcome run = chat("best titles\n\nmore\nwhy?\n");
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("5 titles that people like best:"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("5 more titles"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("on average"), std::string::npos) << run.out;
  EXPECT_EQ(run.err, "");
}

TEST_F(ChatCommandTest, RepliesAreObjects) {
  const Outcome run =
      chat("recommend 3 titles\nhelp\nno end of the line", {"--user", "7", "--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto replies = run.objects("reply");
  ASSERT_EQ(replies.size(), 3u);
  expect_has(replies[0], {"said", "text", "intent", "source", "request", "items"});
  EXPECT_EQ(replies[0]["said"], "recommend 3 titles");
  EXPECT_EQ(replies[0]["intent"], "recommend_genre");
  EXPECT_EQ(replies[0]["source"], "user");
  EXPECT_EQ(replies[0]["request"]["k"], 3);
  ASSERT_EQ(replies[0]["items"].size(), 3u);
  expect_has(replies[0]["items"][0],
             {"rank", "item", "title", "genres", "score", "rating", "reason"});
  EXPECT_EQ(replies[1]["intent"], "help");
  EXPECT_EQ(replies[2]["intent"], "unknown");
}

TEST_F(ChatCommandTest, EndsWhenAskedOrAtTheEnd) {
  EXPECT_EQ(chat("").code, 0);
  EXPECT_EQ(chat("").out, "");
  EXPECT_EQ(chat("quit\nhelp\n").out, "");
}

TEST_F(ChatCommandTest, TakesAnyBytes) {
  std::string lines = "\xff\xfe\x01 like \x1b[2J\n";
  lines += std::string("a\0b", 3) + "\n" + std::string(1 << 20, 'x') + "\nhelp\n";
  const Outcome run = chat(lines, {"--json"});
  ASSERT_EQ(run.code, 0) << run.err;
  const auto replies = run.objects("reply");
  ASSERT_EQ(replies.size(), 4u);
  EXPECT_EQ(replies[3]["intent"], "help");
  EXPECT_EQ(chat(lines).out.find('\x1b'), std::string::npos);
}

TEST_F(ChatCommandTest, SaysWhatItCannotUse) {
  const Outcome unknown = chat("", {"--user", "99999"});
  EXPECT_EQ(unknown.code, 3);
  EXPECT_NE(unknown.err.find("user 99999"), std::string::npos) << unknown.err;
  const std::string bare = folder_.write("bare.csv", "1,1,5\n1,2,4\n2,1,3\n").string();
  ASSERT_EQ(run_tusk({"train", bare, "--model", "popular", "--out", file("bare")}).code, 0);
  const Outcome run = chat("", {}, file("bare"));
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("no titles"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("--titles"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace tusk::test
