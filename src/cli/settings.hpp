// Options that are not on the command line: from TUSK_* environment variables and from a TOML file.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace tusk::cli {

// What a config file may say: the options, without dashes, of each command.
struct CommandOptions {
  std::string command;  // "train", "data stats"
  std::vector<std::string> options;
};

// The long names of an app's options, without dashes and less those that make no sense in a file.
std::vector<std::string> option_names(const CLI::App& app);

// What is wrong with an option's value, beginning with the option's name.
std::string describe(const CLI::ParseError& error);

// Gives an option values that do not stand on the command line. Throws UsageError, beginning with
// where they are from, for a value that the option does not take.
void set_option(CLI::Option& option, const std::vector<std::string>& values,
                const std::string& origin);

// What a config file says of a command, by option. Throws UsageError as apply_settings() does.
std::map<std::string, std::vector<std::string>> config_settings(
    const std::string& file, const std::string& command, const std::vector<CommandOptions>& all);

// Those environment variables that apply_settings() looks at and that are set, and their values.
std::vector<std::pair<std::string, std::string>> given_environment(const CLI::App& app);

// Gives every option of `app` that the command line left out its value from the environment (option
// --learning-rate from TUSK_LEARNING_RATE) or else from the file, or from the one that TUSK_CONFIG
// names if `file` is empty. In the
// file a key is an option's name; keys on top are for every command that has the option, keys in a
// table [train] or [data.stats] for that command. Throws UsageError for a file that cannot be read
// or parsed, for a key or a TUSK_ variable that no command has, and for a value that the option
// does not take.
void apply_settings(CLI::App& app, const std::string& command, const std::string& file,
                    const std::vector<CommandOptions>& all);

}  // namespace tusk::cli
