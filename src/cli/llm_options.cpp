#include "cli/llm_options.hpp"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/llm.hpp>

#include "cli/validators.hpp"
#include "support/input_file.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

constexpr const char* kKeyVariable = "TUSK_LLM_KEY";

}  // namespace

void LlmFlags::declare(CLI::App& app) {
  const Heading heading(app, "Language model");
  app.add_option("--llm", url_,
                 "URL of a server with the interface of OpenAI's, such as llama.cpp's, Ollama or "
                 "vLLM, that helps to read texts; without it nothing is sent anywhere");
  details_ = {
      app.add_option("--llm-model", model_, "name of the language model at that server"),
      app.add_option("--llm-embedding-model", embedding_model_,
                     "name of a model of embeddings there, which compares answers with titles "
                     "(default: the language model)"),
      app.add_option("--llm-key-file", key_file_,
                     "file with the key that the server asks for; or set TUSK_LLM_KEY to the key "
                     "itself"),
      app.add_option("--llm-timeout", timeout_, "seconds to wait for an answer of the server")
          ->check(number_between(0, 3600))
          ->capture_default_str()};
}

void LlmFlags::check_given(const GivenOptions& given) const {
  if (!url_.empty()) return;
  for (const CLI::Option* option : details_) {
    if (!given.contains(option)) continue;
    throw UsageError(fmt::format("{} has no effect without --llm", option->get_name()));
  }
}

std::shared_ptr<const ChatAssistant> LlmFlags::open(const Console& console,
                                                    std::function<bool()> stop) const {
  if (url_.empty()) return nullptr;
  if (model_.empty()) throw UsageError("--llm needs the name of a model: give --llm-model");
  LlmOptions options;
  options.url = url_;
  options.model = model_;
  options.embedding_model = embedding_model_;
  options.key = key();
  options.timeout = timeout_;
  options.stop = std::move(stop);
  auto assistant = open_llm(options);
  if (sends_in_the_clear(url_)) {
    console.warn(fmt::format("{} is not encrypted: whoever is on the way can read what is said{}",
                             short_text(url_), options.key.empty() ? "" : " and the key"));
  }
  return assistant;
}

std::string LlmFlags::key() const {
  const char* const variable = std::getenv(kKeyVariable);
  if (variable != nullptr && !key_file_.empty()) {
    throw UsageError(fmt::format("--llm-key-file and {} both give a key", kKeyVariable));
  }
  if (variable == nullptr && key_file_.empty()) return {};
  const std::string text = variable != nullptr ? variable : read_whole_file(key_file_);
  const std::string key(trimmed(text.substr(0, text.find('\n'))));
  if (key.empty()) {
    throw UsageError(fmt::format("the key of the language model, in {}, is empty",
                                 variable != nullptr ? kKeyVariable : key_file_.c_str()));
  }
  return key;
}

}  // namespace tusk::cli
