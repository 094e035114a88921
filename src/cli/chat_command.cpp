#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/input_options.hpp"
#include "cli/interrupts.hpp"
#include "cli/llm_options.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

bool is_farewell(std::string_view line) {
  const std::string word = lower_case(trimmed(line));
  return word == "quit" || word == "exit" || word == "bye";
}

class ChatCommand : public Command {
 public:
  std::string name() const override { return "chat"; }
  std::string summary() const override { return "ask a model for lists in plain English"; }
  std::string examples() const override {
    return "tusk chat model.safetensors\n"
           "tusk chat model.safetensors --user 196\n"
           "echo 'three films like Star Wars' | tusk chat model.safetensors --json\n"
           "tusk chat model.safetensors --llm http://127.0.0.1:8080 --llm-model qwen3-4b";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    app.add_option("--user", user_,
                   "a user's id as in the data, for lists of this user (default: somebody new)");
    llm_.declare(app);
  }

  void check_given(const GivenOptions& given) override { llm_.check_given(given); }

  int run(Console& console) override {
    const auto assistant = llm_.open(console, &interrupted);
    const auto device = open_device({"cpu"});
    const Chat chat(*device, std::make_shared<const Model>(model_.load()), assistant);
    ChatState state = user_.empty() ? chat.begin() : chat.begin(user_);
    const bool by_keys = isatty(STDIN_FILENO) == 1;
    if (by_keys) console.note("\"help\" says what can be asked; Ctrl-D ends");
    bool has_warned = false;
    for (std::string line; next_line(console, by_keys, line);) {
      if (trimmed(line).empty()) continue;
      if (is_farewell(line)) break;
      const ChatReply reply = chat.answer(state, line);
      if (!reply.notice.empty() && !std::exchange(has_warned, true)) console.warn(reply.notice);
      show(console, chat.model(), line, reply);
      std::fflush(stdout);
    }
    return interrupted() ? exit_interrupted : exit_done;
  }

 private:
  static bool next_line(const Console& console, bool by_keys, std::string& line) {
    if (by_keys) std::fputs("> ", stderr);
    const bool is_there = static_cast<bool>(std::getline(std::cin, line));
    if (by_keys && !is_there) console.progress_plain("");
    return is_there && !interrupted();
  }

  static void show(const Console& console, const Model& model, const std::string& line,
                   const ChatReply& reply) {
    Json event = {{"event", "reply"}, {"said", line}};
    event.update(to_json(model, reply));
    console.event(event);
    console.print("{}", reply.text);
    if (reply.request.intent == ChatIntent::explain) return;  // the text has it
    for (std::size_t place = 0; place < reply.items.size(); ++place) {
      const ChatItem& one = reply.items[place];
      const auto genres = model.catalogue.genres[static_cast<std::size_t>(one.item)];
      console.print("{:>4}  {}{}{}{}{}", place + 1, title_of(model, one.item),
                    genres.empty() ? "" : fmt::format("  [{}]", genres),
                    one.rating ? "  " + rating_text(*one.rating, model.scale()) : "",
                    one.match ? fmt::format("  match {:.2f}", *one.match) : "",
                    one.reason.empty() ? "" : "  " + one.reason);
    }
  }

  ModelOption model_;
  LlmFlags llm_;
  std::string user_;
};

}  // namespace

std::unique_ptr<Command> make_chat_command() { return std::make_unique<ChatCommand>(); }

}  // namespace tusk::cli
