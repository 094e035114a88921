#include <filesystem>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/input_options.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

class InfoCommand : public Command {
 public:
  std::string name() const override { return "info"; }
  std::string summary() const override { return "show what a model file holds"; }
  std::string examples() const override { return "tusk info model.safetensors"; }

  void declare(CLI::App& app) override { model_.declare(app); }

  int run(Console& console) override {
    const Model model = model_.load();
    const MfState& state = model.state();
    const auto bytes = std::filesystem::file_size(model_.path());
    // Models that only rank predict nothing that a mean is part of.
    const bool has_mean = !model.algorithm().capabilities.only_ranks;
    console.event({{"event", "info"},
                   {"model", model.algorithm().name},
                   {"users", state.users},
                   {"items", state.items},
                   {"factors", state.factors},
                   {"biased", state.biased},
                   {"mean", has_mean ? Json(json_number(state.mean)) : Json()},
                   {"scale", {json_number(model.scale().low), json_number(model.scale().high)}},
                   {"training_ratings", model.seen().item.size()},
                   {"bytes", bytes},
                   {"metadata", model.metadata}});
    const auto row = [&](std::string_view key, const auto& value) {
      console.print("{:<25} {}", key, value);
    };
    row("file", fmt::format("{} ({})", model_.path(), size_text(bytes)));
    row("model", model.algorithm().name);
    row("users", state.users);
    row("items", state.items);
    if (has_mean) row("mean", state.mean);
    row("scale", scale_text(model.scale()));
    for (const auto& [key, value] : model.metadata) {
      constexpr std::size_t kMostShown = 200;
      row(key, value.size() <= kMostShown
                   ? value
                   : fmt::format("({} characters; --json shows them)", value.size()));
    }
    return exit_done;
  }

 private:
  ModelOption model_;
};

}  // namespace

std::unique_ptr<Command> make_info_command() { return std::make_unique<InfoCommand>(); }

}  // namespace tusk::cli
