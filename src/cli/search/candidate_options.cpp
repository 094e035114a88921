#include "cli/search/candidate_options.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/error.hpp>

#include "cli/settings.hpp"
#include "cli/suggest.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

// Which are the same for all trials of a search.
constexpr std::array<std::string_view, 2> kFixed = {"model", "seed"};

bool sets(const Settings& settings, const std::string& name) {
  return std::any_of(settings.begin(), settings.end(),
                     [&](const Setting& setting) { return setting.first == name; });
}

}  // namespace

CandidateOptions::CandidateOptions(TrainingOptions::For purpose) {
  training_.declare(app_, purpose);
  order_.declare(app_, "");
}

void CandidateOptions::set(const std::string& name, const std::vector<std::string>& values) {
  CLI::Option* const option = app_.get_option_no_throw("--" + name);
  if (option == nullptr) throw UsageError(fmt::format("there is no parameter {}", name));
  set_option(*option, values,
             fmt::format("{}={}", name, short_text(fmt::format("{}", fmt::join(values, ",")))));
}

void CandidateOptions::set(const Setting& setting) {
  set(setting.first, {setting.second});
  given_.insert(app_.get_option("--" + setting.first));
}

Candidate CandidateOptions::candidate() const {
  training_.check_given(given_);
  Candidate candidate{training_.options(), order_.order()};
  check_list_order(candidate.order, candidate.options.model);
  return candidate;
}

CandidateParser::CandidateParser(const CLI::App& app) {
  CandidateOptions own;
  for (const std::string& name : option_names(own.app())) {
    const CLI::Option* const option = app.get_option_no_throw("--" + name);
    if (option != nullptr && option->count() > 0) set_.emplace_back(name, option->results());
  }
}

void CandidateParser::check_parameter(const std::string& name) {
  CandidateOptions own;
  std::vector<std::string> names;
  for (const std::string& known : option_names(own.app())) {
    if (std::find(kFixed.begin(), kFixed.end(), known) == kFixed.end()) names.push_back(known);
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  throw UsageError(fmt::format("there is no parameter {} to be searched{}", in_quotes(name),
                               suggestion(name, names)));
}

ParameterType CandidateParser::type_of(const std::string& name) {
  CandidateOptions own;
  const std::string type = own.app().get_option("--" + name)->get_type_name();
  if (type.starts_with("INT") || type.starts_with("UINT")) return ParameterType::integer;
  return type.starts_with("FLOAT") ? ParameterType::number : ParameterType::text;
}

Settings CandidateParser::all(const Settings& settings) const {
  Settings all;
  for (const auto& [name, values] : set_) {
    const bool replaced = sets(settings, name);
    if (!replaced) all.emplace_back(name, values.back());
  }
  all.insert(all.end(), settings.begin(), settings.end());
  return all;
}

bool CandidateParser::is_open(const std::string& name, const std::string& value) const {
  for (const auto& set : set_) {
    if (set.first == name) return false;
  }
  try {
    parse({{name, value}});
  } catch (const UsageError&) {
    return false;
  }
  return true;
}

Candidate CandidateParser::parse(const Settings& settings) const {
  CandidateOptions options;
  for (const auto& [name, value] : all(settings)) {
    const bool searched = sets(settings, name);
    searched ? options.set(Setting{name, value}) : options.set(name, {value});
  }
  return options.candidate();
}

}  // namespace tusk::cli
