// The options that name a language model for conversations.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/chat_assistant.hpp>

#include "cli/command.hpp"

namespace tusk::cli {

class LlmFlags {
 public:
  void declare(CLI::App& app);

  // Throws UsageError for options on the command line that have no effect without a URL.
  void check_given(const GivenOptions& given) const;

  // Null without a URL. Warns of texts that others can read on their way. `stop` is as in
  // LlmOptions.
  std::shared_ptr<const ChatAssistant> open(const Console& console,
                                            std::function<bool()> stop) const;

 private:
  std::string key() const;

  std::string url_;
  std::string model_;
  std::string embedding_model_;
  std::string key_file_;
  double timeout_ = 30;
  std::vector<const CLI::Option*> details_;
};

}  // namespace tusk::cli
