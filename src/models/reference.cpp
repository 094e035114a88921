// The reference page of all models' parameters.
#include <map>
#include <string>

#include <fmt/format.h>

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

std::string value(const Parameter& parameter) {
  // The help text has the words of a choice.
  return parameter.type == Parameter::Type::choice ? "a word" : cell(parameter.expected());
}

std::string row(const Parameter& parameter, const std::any& defaults) {
  std::string name = code(parameter.option());
  for (const std::string& alias : parameter.aliases) name += ", " + code(alias);
  std::string usual = parameter.usual;
  if (!parameter.off.empty()) {
    name += fmt::format(" (opposite: {})", code(parameter.name));
    usual = usual == "true" ? "false" : "true";
  }
  // Around the default for ratings as spread as those of MovieLens 100K.
  constexpr float kUsualSpread = 1.125f;
  return fmt::format("| {} | {} | {} | {} | {} |\n", name, value(parameter),
                     cell(with_names(usual, code)),
                     parameter.search ? code(parameter.search(kUsualSpread, defaults)) : "",
                     cell(with_names(parameter.help, code)));
}

std::string table(const AlgorithmInfo& model) {
  if (model.parameters.empty()) return "No parameters.\n";
  const TrainOptions options(model.name);
  const std::any& defaults = options.values();
  std::string text = "| name | value | default | search | |\n|---|---|---|---|---|\n";
  for (const Parameter& parameter : model.parameters) text += row(parameter, defaults);
  return text;
}

}  // namespace

std::string parameter_reference() {
  std::string page =
      "# Parameters\n\n"
      "Made by `tusk help parameters` from the tables in `src/models`. The first name of a "
      "parameter is that of its option:\n`learning-rate` on the command line, in a TOML file and "
      "in a search, `TUSK_LEARNING_RATE` in the environment. The other\nnames are aliases that are "
      "taken in all of these places; two names of one parameter at once are an error. A model's\n"
      "metadata has the first name with underscores, `learning_rate`, but `biased` for `no-bias`. "
      "Underscores and hyphens are\nthe same.\n\nSearch ranges are those of a search around the "
      "defaults, for ratings with a standard deviation of 1.125; a parameter\nwithout one keeps "
      "its value in such a search.\n";
  std::map<std::string, std::string> known;  // the first model with a table
  for (const AlgorithmInfo* model : algorithms()) {
    std::string names = code(model->name);
    for (const std::string& alias : model->aliases) names += ", " + code(alias);
    std::string text = table(*model);
    const auto [same, is_new] = known.emplace(text, model->name);
    if (!is_new && !model->parameters.empty()) {
      text = fmt::format("The parameters of {}.\n", code(same->second));
    }
    page += fmt::format("\n## {}\n\n{}.\n\n{}", names, model->summary, text);
  }
  return page;
}

}  // namespace tusk
