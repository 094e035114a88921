#include "cli/training_options.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "cli/evaluation_options.hpp"
#include "cli/validators.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// The names of the models that `has` holds for.
template <class Has>
std::vector<std::string> models_that(const Has& has) {
  std::vector<std::string> names;
  for (const AlgorithmInfo* model : algorithms()) {
    if (has(*model)) names.push_back(model->name);
  }
  return names;
}

std::string heading(const Parameter& parameter) {
  const auto names = models_that([&](const AlgorithmInfo& model) {
    return std::any_of(model.parameters.begin(), model.parameters.end(),
                       [&](const Parameter& own) { return own.group == parameter.group; });
  });
  return fmt::format("{} (--model {})", parameter.group, fmt::join(names, ", "));
}

std::string flag_names(const Parameter& parameter) {
  std::string names;
  for (const std::string& alias : parameter.aliases) {
    if (alias.size() == 1) names += fmt::format("-{},", alias);
  }
  names += "--" + parameter.option();
  for (const std::string& alias : parameter.aliases) names += ",--" + alias;
  if (!parameter.off.empty()) names += ",!--" + parameter.name;  // CLI11's mark of an opposite
  return names;
}

const char* type_name(Parameter::Type type) {
  switch (type) {
    case Parameter::Type::whole:
      return "INT";
    case Parameter::Type::number:
      return "FLOAT";
    case Parameter::Type::flag:
    case Parameter::Type::choice:
    case Parameter::Type::text:
      break;
  }
  return "TEXT";
}

}  // namespace

void TrainingOptions::declare(CLI::App& app, For purpose) {
  if (purpose != For::comparison) {
    const auto names = models_that([](const AlgorithmInfo&) { return true; });
    model_option_ = app.add_option("--model", model_,
                                   fmt::format("{}; with --implicit {}, if nothing is said",
                                               fmt::join(names, ", "), EaseOptions::kModel))
                        ->group("Model");
  }
  seed_option_ =
      app.add_option("--seed", seed_, "of everything random: split, hold-out, factors, order")
          ->check(seed_number())
          ->group("Model");
  for (const AlgorithmInfo* model : algorithms()) {
    for (const Parameter& parameter : model->parameters) {
      if (purpose == For::search && !parameter.searchable) continue;
      declare(app, parameter);
    }
  }
}

void TrainingOptions::declare(CLI::App& app, const Parameter& parameter) {
  const bool declared = std::any_of(flags_.begin(), flags_.end(), [&](const Flag& flag) {
    return flag.name == parameter.option();
  });
  if (declared) return;
  Flag& flag = flags_.emplace_back();
  flag.name = parameter.option();
  if (parameter.type == Parameter::Type::flag) {
    CLI::Option* const option = app.add_flag(flag_names(parameter), flag.value, parameter.help);
    option->group(heading(parameter));
    flag.option = option;
    return;
  }
  // Its meaning and its default may be others in another model that has the parameter.
  std::vector<std::string> usual;
  std::string help = parameter.help;
  for (const AlgorithmInfo* model : algorithms()) {
    const Parameter* const own = model->find(parameter.name);
    if (own == nullptr) continue;
    if (std::count(usual.begin(), usual.end(), own->usual) == 0) usual.push_back(own->usual);
    if (help.find(own->help) == std::string::npos) {
      help += fmt::format("; with --model {} {}", model->name, own->help);
    }
  }
  const auto others = models_that([&](const AlgorithmInfo& model) {
    return model.find(parameter.name) == nullptr &&
           std::any_of(model.parameters.begin(), model.parameters.end(),
                       [&](const Parameter& own) { return own.group == parameter.group; });
  });
  if (!others.empty()) help += fmt::format(" (not of --model {})", fmt::join(others, ", "));
  if (!usual.front().empty()) help += fmt::format(" (default: {})", fmt::join(usual, " or "));
  help = with_names(help, with_dashes);
  flag.option = app.add_option(flag_names(parameter), flag.text, help)
                    ->check(value_of(parameter))
                    ->type_name(type_name(parameter.type))
                    ->group(heading(parameter));
}

bool TrainingOptions::concerns(const CLI::Option* option, const AlgorithmInfo& model) const {
  return std::all_of(flags_.begin(), flags_.end(), [&](const Flag& flag) {
    return flag.option != option || is_shared(flag) || model.find(flag.name) != nullptr;
  });
}

void TrainingOptions::choose_model(bool implicit) {
  chosen_ = implicit && model_option_->count() == 0;
  if (chosen_) model_ = EaseOptions::kModel;
}

void TrainingOptions::note_model(const Console& console) const {
  if (!chosen_) return;
  console.note(fmt::format(
      "--implicit data says what users chose, not how they rate it: the model is {}; --model takes "
      "another",
      model_));
}

void TrainingOptions::check_given(const GivenOptions& given) const {
  const TrainOptions options = options_of(model_);
  for (const Flag& flag : flags_) {
    if (!given.contains(flag.option)) continue;
    const Parameter* const parameter = options.algorithm().find(flag.name);
    if (parameter == nullptr && is_shared(flag)) continue;
    if (parameter == nullptr) {
      const auto having =
          models_that([&](const AlgorithmInfo& model) { return model.find(flag.name) != nullptr; });
      throw UsageError(option_name(flag.name) +
                       fmt::format(" is an option of --model {}, not of --model {}",
                                   list_text(having, "or"), options.model()));
    }
    const std::string why = parameter->idle ? parameter->idle(options.values()) : "";
    if (!why.empty()) throw ParameterError(flag.name, with_names(why, option_name));
  }
}

void TrainingOptions::warn_of_idle(const Console& console, const GivenOptions& given,
                                   const Model& model) const {
  // With the words that stand in place of auto, and of choices that were left open.
  TrainOptions used = options();
  for (const Parameter& parameter : used.algorithm().parameters) {
    if (parameter.type != Parameter::Type::choice) continue;
    const auto found = model.metadata.find(parameter.key());
    if (found != model.metadata.end()) used.set_text(parameter.name, found->second);
  }
  for (const Flag& flag : flags_) {
    const Parameter* const parameter = used.algorithm().find(flag.name);
    if (!given.contains(flag.option) || parameter == nullptr || !parameter->idle) continue;
    const std::string why = parameter->idle(used.values());
    if (why.empty()) continue;
    console.warn(fmt::format("{} {}", with_dashes(flag.name), with_names(why, with_dashes)));
  }
}

// Evaluation has the same option, whatever the model.
bool TrainingOptions::is_shared(const Flag& flag) { return flag.name == kRelevance; }

TrainOptions TrainingOptions::options() const {
  TrainOptions options = options_of(model_);
  options.check();
  return options;
}

TrainOptions TrainingOptions::options_of(std::string_view model) const {
  TrainOptions options(model);
  options.seed = seed_;
  set_known(options, given());
  return options;
}

Settings TrainingOptions::given() const {
  Settings settings;
  if (model_option_ != nullptr && model_option_->count() > 0)
    settings.emplace_back("model", model().name);
  if (seed_option_->count() > 0) settings.emplace_back("seed", fmt::format("{}", seed_));
  for (const Flag& flag : flags_) {
    if (flag.option->count() == 0) continue;
    const bool has_model = model_option_ != nullptr;
    if (has_model && is_shared(flag) && model().find(flag.name) == nullptr) continue;
    const bool has_value = flag.option->get_expected_max() > 0;
    settings.emplace_back(flag.name, has_value ? flag.text : fmt::format("{}", flag.value));
  }
  return settings;
}

void set_known(TrainOptions& options, const Settings& settings) {
  for (const auto& [name, value] : settings) {
    if (options.algorithm().find(name) != nullptr) options.set_text(name, value);
  }
}

void warn_of_cap(const Console& console, const AlgorithmInfo& algorithm) {
  const std::string& step = algorithm.capabilities.step;
  console.warn(
      fmt::format("the error on the inner hold-out was still falling when the {0}s were used up; "
                  "raise --{0}s{1}",
                  step, step == "epoch" ? " (with --early-stop) or --learning-rate" : ""));
}

void warn_of_mixing(const Console& console, double r_hat) {
  if (!(r_hat > kLargestRHat)) return;
  console.warn(
      fmt::format("the chains have not forgotten their starts: a split R-hat is {:.3f}, above {}; "
                  "raise --sweeps and --burn-in",
                  r_hat, kLargestRHat));
}

}  // namespace tusk::cli
