// The options of one trial: those of the command, and the settings that the trial is about.
#pragma once

#include <string>
#include <vector>

#include <tusk/search.hpp>
#include <tusk/search_space.hpp>

namespace tusk {

class CandidateParser {
 public:
  // The options of the command, and by name those of them that were given.
  CandidateParser(TrainOptions options, ListOrder order, Settings given);

  const AlgorithmInfo& model() const { return base_.options.algorithm(); }

  // A parameter of the model that can be searched; null for an option of the order of lists. Throws
  // UsageError for any other name.
  const Parameter* searched(const std::string& name) const;

  // Throws UsageError for settings that make no sense.
  Candidate parse(const Settings& settings) const;

  // Whether a parameter is left to the search: it is not given, and not without effect beside those
  // that are.
  bool is_open(const std::string& name, const std::string& value) const;

  // What is given, less what `settings` replace, and then the settings.
  Settings all(const Settings& settings) const;

 private:
  Candidate base_;
  Settings given_;
};

}  // namespace tusk
