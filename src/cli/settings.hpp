// Options that are not on the command line: from TUSK_* environment variables and from a TOML file.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace tusk::cli {

// The names of options, without dashes, and the first name of the option that each is of.
using OptionNames = std::map<std::string, std::string, std::less<>>;

// What a config file may say: the options of each command.
struct CommandOptions {
  std::string command;  // "train", "data stats"
  OptionNames options;
};

// The long names of an app's options, less those that make no sense in a file.
OptionNames option_names(const CLI::App& app);

// The names alone.
std::vector<std::string> names_of(const OptionNames& options);

// Throws UsageError: two names, as they stand in `where`, are of one option.
[[noreturn]] void refuse_both(std::string_view first, std::string_view second,
                              std::string_view where = "");

// What is wrong with an option's value, beginning with the option's name: `written`, or else
// its first one as option_name().
std::string describe(const CLI::ParseError& error, std::string_view written = "");

// What a config file says of a command, by the names that it uses, no two of which are of one
// option. Throws UsageError as apply_settings() does.
std::map<std::string, std::vector<std::string>> config_settings(
    const std::string& file, const std::string& command, const std::vector<CommandOptions>& all);

// Those environment variables that apply_settings() looks at and that are set, and their values.
std::vector<std::pair<std::string, std::string>> given_environment(const CLI::App& app);

// Gives every option of `app` that the command line left out its value from the environment (option
// --learning-rate from TUSK_LEARNING_RATE) or else from the file, or from the one that TUSK_CONFIG
// names if `file` is empty. In the file a key is an option's name; keys on top are for every
// command that has the option, keys in a table [train] or [data.stats] for that command and replace
// those on top. Throws UsageError for a file that cannot be read or parsed, for a key or a TUSK_
// variable that no command has, for two of them that are names of one option, and for a value that
// the option does not take.
void apply_settings(CLI::App& app, const std::string& command, const std::string& file,
                    const std::vector<CommandOptions>& all);

}  // namespace tusk::cli
