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

// A value and where it is from, for messages.
struct GivenValues {
  std::vector<std::string> values;
  std::string origin;
};

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
constexpr std::array<std::string_view, 7> kOtherVariables = {
    "TUSK_CONFIG",     "TUSK_DATA",     "TUSK_TEST_DATA",  "TUSK_BENCH_DATA",
    "TUSK_BENCH_LIKE", "TUSK_GPU_DATA", "TUSK_GPU_MINUTES"};

// One that is set and means nothing is a mistake, as in the file.
void check_environment(const std::vector<CommandOptions>& all) {
  std::set<std::string, std::less<>> known(kOtherVariables.begin(), kOtherVariables.end());
  for (const CommandOptions& command : all) {
    for (const std::string& option : command.options) known.insert(environment_name(option));
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    if (!name.starts_with("TUSK_") || known.contains(name)) continue;
    throw UsageError(fmt::format("environment variable {}: there is no such option{}",
                                 short_text(name), suggestion(name, {known.begin(), known.end()})));
  }
}

class ConfigFile {
 public:
  ConfigFile(std::string path, const std::vector<CommandOptions>& all)
      : path_(std::move(path)), all_(all) {}

  // The settings that concern `command`.
  std::map<std::string, GivenValues> read(const std::string& command) {
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
      const InputFile file(path_);
      if (file.size() > kLargest) {
        throw UsageError(
            fmt::format("config file {}: it has more than {}", path_, size_text(kLargest)));
      }
      std::string text(static_cast<std::size_t>(file.size()), '\0');
      file.read(0, text);
      return text;
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
    std::replace(key.begin(), key.end(), '_', '-');
    std::vector<std::string> known;
    for (const CommandOptions& c : all_) {
      if (owner.empty() || c.command == owner) {
        known.insert(known.end(), c.options.begin(), c.options.end());
      }
    }
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      throw UsageError(fmt::format("{}: there is no option {}{}{}", place(node), in_quotes(key),
                                   owner.empty() ? "" : " of tusk " + owner,
                                   suggestion(key, known)));
    }
    if (!owner.empty() && owner != command) return;
    GivenValues setting;
    setting.origin = place(node);
    if (const auto* list = node.as_array()) {
      for (const auto& element : *list) {
        setting.values.push_back(value_text(element, setting.origin));
      }
      if (list->empty()) throw UsageError(fmt::format("{}: the list is empty", setting.origin));
    } else {
      setting.values.push_back(value_text(node, setting.origin));
    }
    settings_[key] = std::move(setting);
  }

  std::string place(const toml::node& node) const {
    return fmt::format("config file {}:{}", path_, node.source().begin.line);
  }

  std::string path_;
  const std::vector<CommandOptions>& all_;
  std::map<std::string, GivenValues> settings_;
};

}  // namespace

std::string describe(const CLI::ParseError& error) {
  const std::string what = error.what();
  const auto is = [&](const char* kind) { return error.get_name() == kind; };
  if (is("ConversionError")) {  // of a flag: a number has been checked
    const auto begin = what.find(": ") + 2;
    const auto end = what.find(" = ", begin);
    const std::string value = what.substr(end + 3);
    return fmt::format("{} is {}; it must be true or false", what.substr(begin, end - begin),
                       value.empty() ? "empty" : short_text(value));
  }
  const std::string option = what.substr(0, what.find(':'));
  const std::string rest = what.substr(std::min(what.size(), option.size() + 2));
  if (is("ValidationError")) return option + ' ' + rest;
  if (is("ArgumentMismatch")) {
    return option + (rest.starts_with("At Most") ? " is given more than once" : " needs a value");
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    return fmt::format("{} is one argument too many", in_quotes(rest));
  }
  return what;
}

void set_option(CLI::Option& option, const std::vector<std::string>& values,
                const std::string& origin) {
  try {
    for (const std::string& value : values) option.add_result(value);
    option.run_callback();
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{}: {}", origin, describe(error)));
  }
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name != "help" && name != "config") names.push_back(name);
    }
  }
  return names;
}

std::map<std::string, std::vector<std::string>> config_settings(
    const std::string& file, const std::string& command, const std::vector<CommandOptions>& all) {
  std::map<std::string, std::vector<std::string>> values;
  for (auto& [name, setting] : ConfigFile(file, all).read(command)) {
    values[name] = std::move(setting.values);
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> given_environment(const CLI::App& app) {
  std::vector<std::pair<std::string, std::string>> given;
  std::vector<std::string> variables = {"TUSK_CONFIG"};
  for (const std::string& name : option_names(app)) variables.push_back(environment_name(name));
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
  std::map<std::string, GivenValues> settings;
  if (!path.empty()) settings = ConfigFile(path, all).read(command);
  for (const std::string& name : option_names(app)) {
    const std::string variable = environment_name(name);
    if (const char* value = std::getenv(variable.c_str())) {
      settings[name] = {{value}, "environment variable " + variable};
    }
  }
  for (const auto& [name, setting] : settings) {
    CLI::Option* option = app.get_option_no_throw("--" + name);
    if (option != nullptr && option->count() == 0) {
      set_option(*option, setting.values, setting.origin);
    }
  }
}

}  // namespace tusk::cli
