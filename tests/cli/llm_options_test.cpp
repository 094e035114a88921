// tusk chat and tusk serve with a language model.
#include <atomic>
#include <chrono>

#include "tests/cli/cli_test.hpp"
#include "tests/support/scripted_server.hpp"

namespace tusk::test {
namespace {

constexpr const char* kKey = "sk-very-secret-4711";

class LlmOptionsTest : public CliTest {
 protected:
  Outcome chat(const std::string& lines, const Words& more, RunOptions options = {}) {
    Words words = {"chat", model()};
    words.insert(words.end(), more.begin(), more.end());
    options.input = folder_.write("lines.txt", lines).string();
    return run_tusk(words, options);
  }
  static void expect_usage_error(const Outcome& run, const std::string& message) {
    EXPECT_EQ(run.code, 2) << run.err;
    EXPECT_NE(run.err.find(message), std::string::npos) << run.err;
  }
};

TEST_F(LlmOptionsTest, ReadsByTheServer) {
  const ScriptedServer server(completion(R"({"intent": "popular", "k": 2})"));
  RunOptions options;
  options.environment = {{"TUSK_LLM_KEY", kKey}};
  const Outcome run = chat("zwei beliebte\nzwei beliebte\n",
                           {"--llm", server.url(), "--llm-model", "small", "--json"}, options);
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  const auto replies = run.objects("reply");
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0]["read_by"], "llm");
  EXPECT_EQ(replies[0]["items"].size(), 2u);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_TRUE(server.requests().front().is_for("Bearer sk-very-secret-4711\r\n"));
}

TEST_F(LlmOptionsTest, NothingIsSentUnlessAServerIsNamed) {
  const ScriptedServer server(completion(R"({"intent": "help"})"));
  RunOptions options;
  options.environment = {
      {"TUSK_LLM_KEY", kKey}, {"http_proxy", server.url()}, {"OPENAI_BASE_URL", server.url()}};
  const Outcome run = chat("best titles\nhelp me choose\nthe first\n", {"--json"}, options);
  EXPECT_EQ(run.code, 0) << run.err;
  for (const Json& reply : run.objects("reply")) EXPECT_EQ(reply["read_by"], "router");
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(LlmOptionsTest, NoProxyGetsThePlainText) {
  const ScriptedServer proxy(completion(R"({"intent": "help"})"));
  const ScriptedServer server(completion(R"({"intent": "popular"})"));
  RunOptions options;
  options.environment = {{"http_proxy", proxy.url()}, {"all_proxy", proxy.url()}};
  const Outcome run =
      chat("x\n", {"--llm", server.url(), "--llm-model", "small", "--json"}, options);
  EXPECT_EQ(run.objects("reply").at(0)["intent"], "popular") << run.err;
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(LlmOptionsTest, WarnsOnceAndGoesOnWithoutTheServer) {
  const std::string repeats = std::string("{\"error\": \"wrong key: ") + kKey + "\"}";
  const ScriptedServer server(http_answer(repeats, "401 Unauthorized"));
  const std::string key = folder_.write("key.txt", std::string(kKey) + "\n").string();
  for (const bool json : {false, true}) {
    Words words = {"--llm", server.url(), "--llm-model", "small", "--llm-key-file", key};
    if (json) words.emplace_back("--json");
    const Outcome run = chat("best titles\nmore\n", words);
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.out.find(kKey), std::string::npos) << run.out;
    EXPECT_EQ(run.err.find(kKey), std::string::npos) << run.err;
    const std::size_t warning = run.err.find("warning: ");
    ASSERT_NE(warning, std::string::npos) << run.err;
    EXPECT_NE(run.err.find("401"), std::string::npos) << run.err;
    EXPECT_EQ(run.err.find("warning: ", warning + 1), std::string::npos) << run.err;
    if (!json) continue;
    for (const Json& reply : run.objects("reply")) {
      EXPECT_EQ(reply["read_by"], "router");
      EXPECT_NE(reply["notice"].get<std::string>().find("401"), std::string::npos);
    }
  }
}

TEST_F(LlmOptionsTest, ShowsTheMatchOfAnAnswer) {
  const Outcome run = chat("recommend 3 titles\nhelp me choose\nqwertz\n", {});
  ASSERT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("match 0.00"), std::string::npos) << run.out;
}

TEST_F(LlmOptionsTest, TerminalsAreNotCommanded) {
  const ScriptedServer server([](const ScriptedRequest& request, const ScriptedServer::Client& to) {
    const bool asks = request.body.find("clarifying_question") != std::string::npos;
    to.send(completion(asks ? "{\"question\": \"\\u001b[2JRed\\u202e or\\n\\u0007blue?\"}"
                            : "{\"intent\": \"clarify\", \"title\": [\"\\u001b[2J\"]}"));
  });
  const Outcome run = chat("x\n", {"--llm", server.url(), "--llm-model", "small"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.out.find("or blue?"), std::string::npos) << run.out;
  for (const char* bytes : {"\x1b", "\x07", "\xe2\x80\xae"}) {
    EXPECT_EQ(run.out.find(bytes), std::string::npos) << run.out;
  }
}

TEST_F(LlmOptionsTest, CtrlCEndsACall) {
  std::atomic<int> calls = 0;
  std::atomic<std::chrono::steady_clock::time_point> begin{};
  const ScriptedServer server([&](const ScriptedRequest&, const ScriptedServer::Client& client) {
    begin = std::chrono::steady_clock::now();
    if (calls++ == 0) {
      client.send(completion(R"({"intent": "popular", "k": 2})"));
    } else {
      client.wait();
    }
  });
  RunOptions options;
  options.interrupt_at = "2 titles that people like best";
  const Outcome run = chat(
      "x\nx\n", {"--llm", server.url(), "--llm-model", "small", "--llm-timeout", "60"}, options);
  const auto end = std::chrono::steady_clock::now();
  EXPECT_EQ(run.code, 130) << run.err;
  EXPECT_EQ(run.out.find("best"), run.out.rfind("best")) << "the second is not answered";
  // If the signal came before the second call, it is not made.
  EXPECT_LT(end - begin.load(), std::chrono::seconds(5));
}

TEST_F(LlmOptionsTest, WarnsOfWhatOthersCanRead) {
  const ScriptedServer server(completion(R"({"intent": "popular"})"));
  std::string url = server.url();
  url.replace(url.find("127.0.0.1"), 9, "0.0.0.0");
  RunOptions options;
  options.environment = {{"TUSK_LLM_KEY", kKey}};
  const Outcome run = chat("x\n", {"--llm", url, "--llm-model", "small"}, options);
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_NE(run.err.find("not encrypted"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("the key"), std::string::npos) << run.err;
}

TEST_F(LlmOptionsTest, SaysWhatCannotWork) {
  for (const char* command : {"chat", "serve"}) {
    const auto run = [&](Words words, const std::map<std::string, std::string>& environment = {}) {
      words.insert(words.begin(), {command, model()});
      RunOptions options;
      options.environment = environment;
      return run_tusk(words, options);
    };
    expect_usage_error(run({"--llm-model", "small"}), "--llm-model has no effect without --llm");
    expect_usage_error(run({"--llm", "http://localhost:1"}), "--llm-model");
    expect_usage_error(run({"--llm", "ftp://x", "--llm-model", "m"}), "ftp://x");
    expect_usage_error(run({"--llm", "http://me:secret@x", "--llm-model", "m"}), "password");
    expect_usage_error(run({"--llm", "http://x", "--llm-model", "m", "--llm-timeout", "0"}),
                       "--llm-timeout");
    const std::string key = folder_.write("key.txt", "k\n").string();
    expect_usage_error(run({"--llm", "http://x", "--llm-model", "m", "--llm-key-file", key},
                           {{"TUSK_LLM_KEY", kKey}}),
                       "both give a key");
    const std::string bad = folder_.write("bad.txt", "two words\n").string();
    expect_usage_error(run({"--llm", "http://x", "--llm-model", "m", "--llm-key-file", bad}),
                       "key");
    EXPECT_EQ(run({"--llm", "http://x", "--llm-model", "m", "--llm-key-file", file("none")}).code,
              3);
  }
}

}  // namespace
}  // namespace tusk::test
