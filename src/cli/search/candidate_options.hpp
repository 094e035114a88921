// The options of one trial: those of the command, and the settings that the trial is about.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <tusk/search.hpp>

#include "cli/list_order_options.hpp"
#include "cli/search/search_space.hpp"
#include "cli/training_options.hpp"

namespace tusk::cli {

class CandidateOptions {
 public:
  explicit CandidateOptions(TrainingOptions::For purpose = TrainingOptions::For::search);
  CandidateOptions(const CandidateOptions&) = delete;
  CandidateOptions& operator=(const CandidateOptions&) = delete;

  CLI::App& app() { return app_; }

  bool has(const std::string& name) const {
    return app_.get_option_no_throw("--" + name) != nullptr;
  }

  // Sets an option. Throws UsageError, naming it, for an unknown one or a value that it does not
  // take.
  void set(const std::string& name, const std::vector<std::string>& values);
  // The same of a setting that a trial is about: an option of another model is an error.
  void set(const Setting& setting);

  // Throws UsageError for options that have no effect beside each other.
  Candidate candidate() const;

 private:
  CLI::App app_;
  TrainingOptions training_;
  ListOrderFlags order_;
  GivenOptions given_;
};

// What an option's values are.
enum class ParameterType { integer, number, text };

// What stands in the options of a command, for each of its trials.
class CandidateParser {
 public:
  // Those options of `app` that are training's or of the order of lists, with their values.
  explicit CandidateParser(const CLI::App& app);

  // Throws UsageError for an option that cannot be searched.
  static void check_parameter(const std::string& name);

  // Of an option that there is.
  static ParameterType type_of(const std::string& name);

  // Throws UsageError for settings that make no sense.
  Candidate parse(const Settings& settings) const;

  // Whether an option is left to the search: it is not set, and not without effect beside those
  // that are.
  bool is_open(const std::string& name, const std::string& value) const;

  // The options that are set, less those that `settings` replace, and then the settings.
  Settings all(const Settings& settings) const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> set_;
};

}  // namespace tusk::cli
