#include "cli/program.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <new>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/train_options.hpp>
#include <tusk/version.hpp>

#include "cli/command.hpp"
#include "cli/interrupts.hpp"
#include "cli/settings.hpp"
#include "cli/training_options.hpp"
#include "cli/validators.hpp"
#include "support/suggest.hpp"
#include "support/text.hpp"

namespace tusk::cli {

// Each is defined in its own file, NAME_command.cpp.
using MakeCommand = std::unique_ptr<Command>();
MakeCommand make_data_stats_command, make_data_split_command, make_data_synth_command,
    make_train_command, make_update_command, make_evaluate_command, make_cv_command,
    make_tune_command, make_compare_command, make_predict_command, make_rate_command,
    make_recommend_command, make_similar_command, make_chat_command, make_export_command,
    make_serve_command, make_info_command, make_doctor_command;

namespace {

// In the order of help.
constexpr std::array kCommands = {
    &make_data_stats_command, &make_data_split_command, &make_data_synth_command,
    &make_train_command,      &make_update_command,     &make_evaluate_command,
    &make_cv_command,         &make_tune_command,       &make_compare_command,
    &make_predict_command,    &make_rate_command,       &make_recommend_command,
    &make_similar_command,    &make_chat_command,       &make_export_command,
    &make_serve_command,      &make_info_command,       &make_doctor_command};

using Commands = std::vector<std::unique_ptr<Command>>;

Commands all_commands() {
  Commands commands;
  for (const auto make : kCommands) commands.push_back(make());
  return commands;
}

// Of all commands, or of those of two words that begin with `group`.
std::string list_of(const Commands& commands, const std::string& group = "") {
  std::string text = "Commands:\n";
  for (const auto& command : commands) {
    if (!group.empty() && !command->name().starts_with(group + " ")) continue;
    text += fmt::format("  {:<12}{}\n", command->name(), command->summary());
  }
  return text;
}

std::string program_help(const Commands& commands) {
  std::string text =
      "tusk trains, evaluates and uses recommenders on files of ratings.\n\n"
      "Examples:\n"
      "  tusk data stats ml-100k\n"
      "  tusk train ml-100k --split random:0.1 --out model.safetensors\n"
      "  tusk recommend model.safetensors --user 196\n\n";
  text += list_of(commands);
  text +=
      "\n`tusk COMMAND --help` shows a command's options, `tusk help parameters` those of models.\n"
      "Every option can also be set in a TOML file\n"
      "(--config FILE) or in the environment (--learning-rate as TUSK_LEARNING_RATE).\n\n"
      "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 input data, 4 model file, 5 "
      "device,\n"
      "6 training diverged, 130 interrupted.\n";
  return text;
}

// How --help lays out options: names, then the description wrapped beside them.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    constexpr std::size_t kNameWidth = 30;
    constexpr std::size_t kTextWidth = 68;
    std::string name = "  " + option->get_name(is_positional, true);
    // Of an opposite: CLI11 writes --biased{false}.
    std::replace(name.begin(), name.end(), '{', '=');
    std::erase(name, '}');
    if (!is_positional && option->get_expected_max() > 0) {
      // Without the allowed values, which the description names.
      const std::string type = option->get_type_name();
      name += " " + type.substr(0, type.find(':'));
    }
    std::string text = option->get_description();
    if (const std::string value = option->get_default_str(); !value.empty() && value != "[]") {
      text += fmt::format(" (default: {})", value);
    }
    if (name.size() >= kNameWidth) name += '\n' + std::string(kNameWidth, ' ');
    name.resize(std::max(name.size(), kNameWidth), ' ');
    return name + wrapped(text, kTextWidth, kNameWidth) + '\n';
  }
};

// An app with one command's options and those that every command has.
class CommandApp {
 public:
  CommandApp(Command& command, OutputOptions& output)
      : app_(describe(command), "tusk " + command.name()) {
    app_.set_help_flag("-h,--help", "show this and exit");
    app_.option_defaults()->always_capture_default();
    app_.formatter(std::make_shared<HelpFormatter>());
    command.declare(app_);
    const Heading heading(app_, "Output");
    app_.add_flag("--json", output.json, "results as JSON, one object a line");
    app_.add_flag("--quiet", output.quiet, "no progress and no notes, only warnings and errors");
    app_.add_flag("--no-color", output.no_color, "no colors (NO_COLOR does the same)");
    app_.add_option("--progress", output.progress,
                    "auto (a line that moves on a terminal), plain (a line an epoch), none")
        ->transform(one_of({"auto", "plain", "none"}));
    app_.add_option("--config", config, "TOML file with options");
  }

  CLI::App& app() { return app_; }

  std::string config;

 private:
  static std::string describe(const Command& command) {
    const std::string examples = command.examples();
    std::string text = fmt::format("{}\n\nExamples:\n", command.summary());
    for (const auto line : split_text(examples, "\n")) text += fmt::format("  {}\n", line);
    return text;
  }

  CLI::App app_;
};

// Of `tusk help parameters`, which is no command.
bool is_parameters(const std::string& word) { return word.starts_with("param"); }

bool is_help(const std::string& argument) { return argument == "--help" || argument == "-h"; }

// Whether commands of two words begin with this one.
bool is_group(const Commands& commands, const std::string& word) {
  return std::any_of(commands.begin(), commands.end(),
                     [&](const auto& command) { return command->name().starts_with(word + " "); });
}

int print_and_finish(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  Console({}).finish();
  return exit_done;
}

// The command that the arguments begin with, which are then taken off.
Command& find_command(const Commands& commands, std::vector<std::string>& arguments) {
  const std::string first = arguments[0];
  const std::string both = arguments.size() > 1 ? first + " " + arguments[1] : first;
  std::vector<std::string> names;
  for (const auto& command : commands) {
    names.push_back(command->name());
    const bool one = command->name() == first;
    if (!one && command->name() != both) continue;
    arguments.erase(arguments.begin(), arguments.begin() + (one ? 1 : 2));
    return *command;
  }
  if (first.starts_with('-')) {
    throw UsageError(
        fmt::format("a command comes before options such as {}; `tusk --help` lists "
                    "the commands",
                    short_text(first)));
  }
  const bool group = is_group(commands, first);
  const std::string word = group ? both : first;
  throw UsageError(fmt::format(
      "there is no command {}{}; `tusk --help` lists the commands", in_quotes(word),
      is_parameters(word) ? " (did you mean help parameters?)" : suggestion(word, names)));
}

// For a flag that the command does not have.
std::string flag_suggestion(const CLI::App& app, const std::string& flag) {
  // What other commands, or other programs, call the length of a list.
  const std::string same = flag == "--top"     ? "--count"
                           : flag == "--count" ? "--top"
                                               : flag.substr(1);
  if (app.get_option_no_throw(same) != nullptr) return fmt::format(" (did you mean {}?)", same);
  return suggestion(flag.substr(2), names_of(option_names(app)), "--");
}

// The flags that options are given by, by the first names of the options.
using TypedFlags = std::map<std::string, std::string, std::less<>>;

// Finds a flag that the command does not have, or an option by two names, before anything else is
// said of the line.
TypedFlags check_flags(const CLI::App& app, const std::vector<std::string>& arguments) {
  TypedFlags typed;
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    if (!argument.starts_with("-")) continue;
    const bool is_long = argument.starts_with("--");
    const std::string flag = argument.substr(0, is_long ? argument.find('=') : 2);
    const CLI::Option* const option = app.get_option_no_throw(flag);
    if (option != nullptr) {
      const std::string& first = typed.emplace(option->get_lnames().front(), flag).first->second;
      if (first != flag) refuse_both(first, flag);
    } else if (is_long) {
      throw UsageError(fmt::format("there is no option {}{}; `{} --help` lists the options",
                                   short_text(flag), flag_suggestion(app, flag), app.get_name()));
    }
  }
  return typed;
}

void parse(CLI::App& app, const std::vector<std::string>& arguments) {
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    throw;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}; `{} --help` shows how", describe(error), app.get_name()));
  }
}

// Options that must be given, be it in the environment or in a file: they are checked last.
std::vector<CLI::Option*> take_required(CLI::App& app) {
  std::vector<CLI::Option*> required;
  for (CLI::Option* option : app.get_options()) {
    if (!option->get_required() || option->get_positional()) continue;
    option->required(false);
    required.push_back(option);
  }
  return required;
}

void check_values(const CLI::App& app, const std::vector<CLI::Option*>& required) {
  for (const CLI::Option* option : required) {
    if (option->count() > 0) continue;
    throw UsageError(
        fmt::format("{} is required; `{} --help` shows how", option->get_name(), app.get_name()));
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& value : option->results()) {
      if (!value.empty()) continue;
      const bool positional = option->get_lnames().empty();
      throw UsageError(
          (positional ? option->get_name() : option_name(option->get_lnames().front())) +
          " is given an empty value");
    }
  }
}

// The command line as typed, after the environment variables that set options, quoted for a shell.
std::string command_line(const std::vector<std::string>& arguments, const CLI::App& app) {
  std::string line;
  for (const auto& [name, value] : given_environment(app)) {
    line += fmt::format("{}={} ", name, shell_quoted(value));
  }
  line += "tusk";
  for (const std::string& argument : arguments) line += " " + shell_quoted(argument);
  return line;
}

int run_command(std::vector<std::string> arguments, OutputOptions& output,
                TypedFlags& typed_flags) {
  const std::vector<std::string> typed = arguments;
  const Commands commands = all_commands();
  if (arguments.empty()) {
    fmt::print(stderr, "{}", program_help(commands));
    return exit_usage;
  }
  if (arguments.size() == 2 && arguments[0] == "help" && is_parameters(arguments[1])) {
    return print_and_finish(parameter_reference());
  }
  if (arguments[0] == "help") {
    // tusk help [COMMAND] is tusk [COMMAND] --help.
    arguments.erase(arguments.begin());
    arguments.push_back("--help");
  }
  if (is_help(arguments[0])) return print_and_finish(program_help(commands));
  if (is_group(commands, arguments[0])) {
    const std::string list = list_of(commands, arguments[0]);
    if (arguments.size() == 2 && is_help(arguments[1])) return print_and_finish(list);
    if (arguments.size() == 1) {
      fmt::print(stderr, "{}", list);
      return exit_usage;
    }
  }
  if (arguments[0] == "--version") return print_and_finish(fmt::format("tusk {}\n", kVersion));
  Command& command = find_command(commands, arguments);
  CommandApp app(command, output);
  // Names of parameters have underscores in Python.
  for (std::string& argument : arguments) {
    if (argument == "--") break;
    if (!argument.starts_with("--")) continue;
    const auto end = argument.begin() +
                     static_cast<std::ptrdiff_t>(std::min(argument.find('='), argument.size()));
    std::replace(argument.begin(), end, '_', '-');
  }
  const auto required = take_required(app.app());
  typed_flags = check_flags(app.app(), arguments);
  try {
    parse(app.app(), arguments);
  } catch (const CLI::CallForHelp&) {
    return print_and_finish(app.app().help());
  }
  GivenOptions given;
  for (const CLI::Option* option : app.app().get_options()) {
    if (option->count() > 0) given.insert(option);
  }
  apply_settings(app.app(), command.name(), app.config, command_options());
  check_values(app.app(), required);
  command.check_given(given);
  Console console(output, command_line(typed, app.app()));
  const int code = command.run(console);
  console.finish();
  if (code != exit_done || !interrupted()) return code;
  console.warn("interrupted when all was done");
  return exit_interrupted;
}

}  // namespace

std::vector<CommandOptions> command_options() {
  std::vector<CommandOptions> all;
  for (const auto& command : all_commands()) {
    OutputOptions output;
    CommandApp app(*command, output);
    all.push_back({command->name(), option_names(app.app())});
  }
  return all;
}

int run_program(const std::vector<std::string>& arguments) {
  handle_interrupts();
  OutputOptions output;
  TypedFlags typed_flags;
  // An option as it was typed.
  const auto written = [&](std::string_view name) {
    const auto typed = typed_flags.find(name);
    return typed != typed_flags.end() ? typed->second : with_dashes(name);
  };
  const auto fail = [&](const std::exception& error, int code) {
    const auto* const own = dynamic_cast<const Error*>(&error);
    Console(output).error(own != nullptr ? own->what_with(written) : error.what());
    return code;
  };
  try {
    return run_command(arguments, output, typed_flags);
  } catch (const UsageError& error) {
    return fail(error, exit_usage);
  } catch (const InputError& error) {
    return fail(error, exit_input);
  } catch (const FormatError& error) {
    return fail(error, exit_model_file);
  } catch (const DeviceError& error) {
    return fail(error, exit_device);
  } catch (const Interrupted&) {
    Console console(output);
    console.end_progress_line();
    console.warn("interrupted; nothing is saved");
    return exit_interrupted;
  } catch (const DivergedError& error) {
    return fail(error, exit_diverged);
  } catch (const std::bad_alloc&) {
    return fail(Error("out of memory"), exit_runtime);
  } catch (const std::exception& error) {
    return fail(error, exit_runtime);
  }
}

}  // namespace tusk::cli
