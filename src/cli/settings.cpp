#include "cli/settings.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <tusk/error.hpp>

#include "support/input_file.hpp"
#include "support/suggest.hpp"
#include "support/text.hpp"
#include "support/toml_depth.hpp"

namespace tusk::cli {
namespace {

// What an option is given, and where, for messages.
struct GivenValues {
  std::string name;   // the option's, without dashes: one of them
  std::string owner;  // in a file: the command whose table it is from; empty on top
  std::vector<std::string> values;
  std::string origin;
};
using ByOption = std::map<std::string, GivenValues>;  // by the first name

std::string environment_name(const std::string& option) {
  std::string name = "TUSK_" + option;
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return name;
}

std::string value_text(const toml::node& node, const std::string& origin) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  throw UsageError(
      fmt::format("{}: a text, a number, true, false or a list of them is expected", origin));
}

// TUSK_ variables that are not options: of this program, of ./dev, of tests and of benchmarks.
constexpr std::array<std::string_view, 9> kOtherVariables = {
    "TUSK_CONFIG",   "TUSK_DATA",        "TUSK_TEST_DATA", "TUSK_BENCH_DATA", "TUSK_BENCH_LIKE",
    "TUSK_GPU_DATA", "TUSK_GPU_MINUTES", "TUSK_LLM_KEY",   "TUSK_TOKEN"};

// One that is set and means nothing is a mistake, as in the file.
void check_environment(const std::vector<CommandOptions>& all) {
  constexpr std::string_view kBefore = "TUSK_";
  std::set<std::string, std::less<>> known(kOtherVariables.begin(), kOtherVariables.end());
  for (const CommandOptions& command : all) {
    for (const auto& [name, option] : command.options) known.insert(environment_name(name));
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with(kBefore) || known.contains(name)) continue;
    std::vector<std::string> names;
    for (const std::string& one : known) names.push_back(one.substr(kBefore.size()));
    throw UsageError(fmt::format("environment variable {}: there is no such option{}",
                                 short_text(name),
                                 suggestion(name.substr(kBefore.size()), names, kBefore)));
  }
}

class ConfigFile {
 public:
  ConfigFile(std::string path, const std::vector<CommandOptions>& all)
      : path_(std::move(path)), all_(all) {}

  // The settings that concern `command`.
  ByOption read(const std::string& command) {
    const std::string text = read_text();
    if (const auto line = line_nested_deeper(text, kDeepest)) {
      throw UsageError(fmt::format("config file {}:{}: it is nested too deep", path_, *line));
    }
    toml::table table;
    try {
      table = toml::parse(text, path_);
    } catch (const toml::parse_error& bad) {
      const auto line = bad.source().begin.line;
      throw UsageError(fmt::format("config file {}{}: {}", path_,
                                   line > 0 ? fmt::format(":{}", line) : "", bad.description()));
    }
    read_table(table, "", command);
    return std::move(settings_);
  }

 private:
  static constexpr std::uintmax_t kLargest = 1 << 20;
  static constexpr int kDeepest = 64;

  std::string read_text() const {
    try {
      if (InputFile(path_).size() > kLargest) {
        throw UsageError(
            fmt::format("config file {}: it has more than {}", path_, size_text(kLargest)));
      }
      return read_whole_file(path_);
    } catch (const InputError& error) {
      throw UsageError(fmt::format("config file {}", error.what()));
    }
  }

  // Keys on top come first, so that those in the command's own table replace them.
  void read_table(const toml::table& table, const std::string& owner, const std::string& command) {
    for (const auto& [key, node] : table) {
      if (!node.is_table()) read_key(std::string(key.str()), node, owner, command);
    }
    for (const auto& [key, node] : table) {
      if (!node.is_table()) continue;
      const std::string name =
          owner.empty() ? std::string(key.str()) : fmt::format("{} {}", owner, key.str());
      const bool known = std::any_of(all_.begin(), all_.end(), [&](const CommandOptions& c) {
        return c.command == name || c.command.starts_with(name + " ");
      });
      if (!known) {
        std::vector<std::string> names;
        for (const CommandOptions& c : all_) names.push_back(c.command);
        throw UsageError(fmt::format("{}: there is no command {}{}", place(node), in_quotes(name),
                                     suggestion(name, names)));
      }
      read_table(*node.as_table(), name, command);
    }
  }

  void read_key(std::string key, const toml::node& node, const std::string& owner,
                const std::string& command) {
    const std::string written = key;
    std::replace(key.begin(), key.end(), '_', '-');
    OptionNames known;
    std::string option = key;
    for (const CommandOptions& c : all_) {
      if (owner.empty() || c.command == owner) known.insert(c.options.begin(), c.options.end());
      const auto own = c.options.find(key);
      if (c.command == command && own != c.options.end()) option = own->second;
    }
    if (!known.contains(key)) {
      throw UsageError(fmt::format("{}: there is no option {}{}{}", place(node), in_quotes(key),
                                   owner.empty() ? "" : " of tusk " + owner,
                                   suggestion(key, names_of(known))));
    }
    if (!owner.empty() && owner != command) return;
    GivenValues setting{key, owner, {}, place(node)};
    if (const auto there = settings_.find(option);
        there != settings_.end() && there->second.owner == owner) {
      refuse_both(there->second.name, written, setting.origin + ": ");
    }
    if (const auto* list = node.as_array()) {
      for (const auto& element : *list) {
        setting.values.push_back(value_text(element, setting.origin));
      }
      if (list->empty()) throw UsageError(fmt::format("{}: the list is empty", setting.origin));
    } else {
      setting.values.push_back(value_text(node, setting.origin));
    }
    settings_[option] = std::move(setting);
  }

  std::string place(const toml::node& node) const {
    return fmt::format("config file {}:{}", path_, node.source().begin.line);
  }

  std::string path_;
  const std::vector<CommandOptions>& all_;
  ByOption settings_;
};

// Throws UsageError, beginning with where the values are from, for one that the option does not
// take.
void set_option(CLI::Option& option, const GivenValues& given) {
  try {
    for (const std::string& value : given.values) {
      option.add_result(value.empty() ? value : option.get_flag_value(given.name, value));
    }
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}: {}", given.origin, describe(error, given.name)));
  }
}

ByOption read_environment(const CLI::App& app) {
  ByOption settings;
  for (const auto& [name, option] : option_names(app)) {
    const std::string variable = environment_name(name);
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr) continue;
    const auto [at, is_new] = settings.try_emplace(
        option, GivenValues{name, "", {value}, "environment variable " + variable});
    if (!is_new) refuse_both(environment_name(at->second.name), variable, "in the environment ");
  }
  return settings;
}

}  // namespace

std::string describe(const CLI::ParseError& error, std::string_view written) {
  const std::string what = error.what();
  const auto named = [&](const std::string& option) {
    if (!option.starts_with("--")) return option;  // such as DATA
    return written.empty() ? option_name(option.substr(2)) : fmt::format("--{}", written);
  };
  const auto is = [&](const char* kind) { return error.get_name() == kind; };
  if (is("ConversionError")) {  // of a flag: a number has been checked
    const auto begin = what.find(": ") + 2;
    const auto end = what.find(" = ", begin);
    const std::string value = what.substr(end + 3);
    return fmt::format("{} is {}; it must be true or false", named(what.substr(begin, end - begin)),
                       value.empty() ? "empty" : short_text(value));
  }
  const std::string first = what.substr(0, what.find(':'));
  const std::string rest = what.substr(std::min(what.size(), first.size() + 2));
  const std::string option = named(first);
  if (is("ValidationError")) return option + ' ' + rest;
  if (is("ArgumentMismatch")) {
    return option + (rest.starts_with("At Most") ? " is given more than once" : " needs a value");
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return fmt::format("{} is one argument too many", in_quotes(rest));
  }
  return what;
}

OptionNames option_names(const CLI::App& app) {
  OptionNames names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name != "help" && name != "config") names.emplace(name, option->get_lnames().front());
    }
  }
  return names;
}

std::vector<std::string> names_of(const OptionNames& options) {
  std::vector<std::string> names;
  for (const auto& [name, option] : options) names.push_back(name);
  return names;
}

void refuse_both(std::string_view first, std::string_view second, std::string_view where) {
  throw UsageError(fmt::format("{}{} and {} are names of one option; give one of them", where,
                               short_text(first), short_text(second)));
}

std::map<std::string, std::vector<std::string>> config_settings(
    const std::string& file, const std::string& command, const std::vector<CommandOptions>& all) {
  std::map<std::string, std::vector<std::string>> values;
  for (auto& [option, setting] : ConfigFile(file, all).read(command)) {
    values[setting.name] = std::move(setting.values);
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> given_environment(const CLI::App& app) {
  std::vector<std::pair<std::string, std::string>> given;
  std::vector<std::string> variables = {"TUSK_CONFIG"};
  for (const auto& [name, option] : option_names(app)) variables.push_back(environment_name(name));
  for (const std::string& variable : variables) {
    if (const char* value = std::getenv(variable.c_str())) given.emplace_back(variable, value);
  }
  return given;
}

void apply_settings(CLI::App& app, const std::string& command, const std::string& file,
                    const std::vector<CommandOptions>& all) {
  check_environment(all);
  const char* named = std::getenv("TUSK_CONFIG");
  const std::string path = file.empty() && named != nullptr ? named : file;
  ByOption settings = read_environment(app);
  if (!path.empty()) settings.merge(ConfigFile(path, all).read(command));
  for (const auto& [name, setting] : settings) {
    CLI::Option* option = app.get_option_no_throw("--" + name);
    if (option != nullptr && option->count() == 0) set_option(*option, setting);
  }
}

}  // namespace tusk::cli
