#include <algorithm>
#include <cmath>
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
  return options;
}

class LlmAssistant : public ChatAssistant {
 public:
  explicit LlmAssistant(const LlmOptions& options)
      : options_(checked(options)), server_(server_of(options_.url)) {
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
    return vectors_of_embeddings(post("/v1/embeddings", request), texts.size());
  }

 private:
  std::string post(std::string_view path, const Json& request) const {
    return post_json(server_, path, json_line(request), options_.key, limits_);
  }
  Json complete(const Json& request) const {
    return json_of_content(content_of_completion(post("/v1/chat/completions", request)));
  }

  LlmOptions options_;
  HttpUrl server_;
  HttpLimits limits_;
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
