#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/llm.hpp>

#include "llm/answers.hpp"
#include "llm/http_post.hpp"
#include "llm/prompts.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

using namespace tusk::llm;

constexpr double kLongest = 3600;  // seconds
constexpr std::size_t kCompletionBytes = std::size_t{256} << 10;
constexpr std::size_t kEmbeddingsBytes = std::size_t{4} << 20;

std::chrono::milliseconds milliseconds(double seconds) {
  constexpr double kThousand = 1000;
  return std::chrono::milliseconds(std::max<std::int64_t>(std::llround(seconds * kThousand), 1));
}

// The server without the "/v1" that may be named with it.
HttpUrl server_of(const std::string& text) {
  constexpr std::string_view kVersion = "/v1";
  HttpUrl url = parse_http_url(text);
  if (url.text.ends_with(kVersion)) url.text.resize(url.text.size() - kVersion.size());
  return url;
}

LlmOptions checked(LlmOptions options) {
  if (options.model.empty()) throw UsageError("the language model has no name");
  const bool plain = std::all_of(options.key.begin(), options.key.end(),
                                 [](char c) { return c > ' ' && c < 0x7f; });
  if (!plain) throw UsageError("the key of the language model has blanks or is not ASCII");
  if (!(options.timeout > 0 && options.timeout <= kLongest && options.connect_timeout > 0)) {
    throw UsageError(fmt::format("a time-out must be above 0 s and at most {} s", kLongest));
  }
  if (!(options.retry_after > 0 && options.retry_after <= kLongest)) {
    throw UsageError(fmt::format("a pause must be above 0 s and at most {} s", kLongest));
  }
  return options;
}

// Whether a server is called again after a failure to connect.
class Backoff {
 public:
  explicit Backoff(std::chrono::milliseconds pause) : pause_(pause) {}

  // Throws the last failure during the pause after it.
  void check() const {
    const std::lock_guard lock(mutex_);
    if (Clock::now() < until_) throw ConnectError(reason_);
  }
  void failed(const ConnectError& error) {
    const std::lock_guard lock(mutex_);
    reason_ = error.what();
    until_ = Clock::now() + pause_;
  }

 private:
  using Clock = std::chrono::steady_clock;

  std::chrono::milliseconds pause_;
  mutable std::mutex mutex_;
  Clock::time_point until_ = Clock::time_point::min();
  std::string reason_;
};

class LlmAssistant : public ChatAssistant {
 public:
  explicit LlmAssistant(const LlmOptions& options)
      : options_(checked(options)),
        server_(server_of(options_.url)),
        backoff_(milliseconds(options_.retry_after)) {
    limits_.total = milliseconds(options_.timeout);
    limits_.connect = milliseconds(std::min(options_.connect_timeout, options_.timeout));
    limits_.stop = options_.stop;
  }

  ChatRequest read(std::string_view text, const ChatContext& context) const override {
    const Json answer = complete(reading_request(options_.model, text, context));
    try {
      return parse_chat_request(answer);
    } catch (const InputError&) {  // which may quote the answer
      throw Error("its text is no request by the schema");
    }
  }

  std::string question(std::span<const ChatDescription> items) const override {
    const Json answer = complete(question_request(options_.model, items));
    if (!answer.is_object() || answer.size() != 1 || !answer.contains("question") ||
        !answer["question"].is_string()) {
      throw Error("its text is not the JSON that was asked for");
    }
    return answer["question"].get<std::string>();
  }

  std::optional<std::vector<std::vector<float>>> embed(
      std::span<const std::string> texts) const override {
    const std::string& own = options_.embedding_model;
    const Json request = {{"model", own.empty() ? options_.model : own},
                          {"input", std::vector<std::string>(texts.begin(), texts.end())},
                          {"encoding_format", "float"}};
    return vectors_of_embeddings(post("/v1/embeddings", request, kEmbeddingsBytes), texts.size());
  }

 private:
  std::string post(std::string_view path, const Json& request, std::size_t most_bytes) const {
    backoff_.check();
    HttpLimits limits = limits_;
    limits.body_bytes = most_bytes;
    try {
      return post_json(server_, path, json_line(request), options_.key, limits);
    } catch (const ConnectError& error) {
      backoff_.failed(error);
      throw;
    }
  }
  Json complete(const Json& request) const {
    return json_of_content(
        content_of_completion(post("/v1/chat/completions", request, kCompletionBytes)));
  }

  LlmOptions options_;
  HttpUrl server_;
  HttpLimits limits_;
  mutable Backoff backoff_;
};

}  // namespace

bool sends_in_the_clear(std::string_view url) {
  const HttpUrl parsed = parse_http_url(url);
  return !parsed.encrypted && !parsed.loopback;
}

std::shared_ptr<const ChatAssistant> open_llm(const LlmOptions& options) {
  return std::make_shared<const LlmAssistant>(options);
}

}  // namespace tusk
