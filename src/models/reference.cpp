// The reference page of all models' parameters.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/train_options.hpp>

namespace tusk {
namespace {

std::string code(std::string_view name) { return fmt::format("`{}`", name); }

std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
    text.insert(at, "\\");
  }
  return text;
}

std::string row(const Parameter& parameter) {
  std::string name = code(parameter.name);
  for (const std::string& alias : parameter.aliases) name += ", " + code(alias);
  if (!parameter.off.empty()) name += fmt::format(" (off: {})", code(parameter.off));
  // Around the default for ratings as spread as those of MovieLens 100K.
  constexpr float kUsualSpread = 1.125f;
  return fmt::format("| {} | {} | {} | {} | {} |\n", name, cell(parameter.expected()),
                     cell(with_names(parameter.usual, code)),
                     parameter.search ? code(parameter.search(kUsualSpread)) : "",
                     cell(with_names(parameter.help, code)));
}

}  // namespace

std::string parameter_reference() {
  std::string page =
      "# Parameters\n\n"
      "Made by `tusk help parameters` from the tables in `src/models`. `learning-rate` is an "
      "option of that name, in the\nenvironment `TUSK_LEARNING_RATE`, in a TOML file "
      "`learning-rate`, in a model's metadata `learning_rate`. Search ranges are\nthose of a "
      "search "
      "around the defaults, for ratings with a standard deviation of 1.125.\n";
  for (const AlgorithmInfo* model : algorithms()) {
    std::string names = code(model->name);
    for (const std::string& alias : model->aliases) names += ", " + code(alias);
    page += fmt::format("\n## {}\n\n{}.\n", names, model->summary);
    if (model->parameters.empty()) continue;
    page += "\n| name | value | default | search | |\n|---|---|---|---|---|\n";
    for (const Parameter& parameter : model->parameters) page += row(parameter);
  }
  return page;
}

}  // namespace tusk
