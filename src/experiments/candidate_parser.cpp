#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tusk/candidate_parser.hpp>
#include <tusk/error.hpp>

#include "support/suggest.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

bool sets(const Settings& settings, const std::string& name) {
  return std::any_of(settings.begin(), settings.end(),
                     [&](const Setting& setting) { return setting.first == name; });
}

}  // namespace

CandidateParser::CandidateParser(TrainOptions options, ListOrder order, Settings given)
    : base_{std::move(options), std::move(order)}, given_(std::move(given)) {}

const Parameter* CandidateParser::searched(const std::string& name) const {
  if (is_order_setting(name)) return nullptr;
  const Parameter* const parameter = model().find(name);
  if (parameter != nullptr && parameter->searchable) return parameter;
  std::vector<std::string> names = order_settings();
  for (const Parameter& known : model().parameters) {
    if (known.searchable) names.push_back(known.name);
  }
  std::vector<std::string> others;
  for (const AlgorithmInfo* other : algorithms()) {
    if (other != &model() && other->find(name) != nullptr) others.push_back(other->name);
  }
  throw UsageError(fmt::format(
      "{} has no parameter {} to be searched{}{}", model().name, in_quotes(name),
      suggestion(name, names),
      others.empty() ? "" : fmt::format("; it is one of {}", fmt::join(others, " and "))));
}

Settings CandidateParser::all(const Settings& settings) const {
  Settings all;
  for (const Setting& given : given_) {
    if (!sets(settings, given.first)) all.push_back(given);
  }
  all.insert(all.end(), settings.begin(), settings.end());
  return all;
}

bool CandidateParser::is_open(const std::string& name, const std::string& value) const {
  if (sets(given_, name)) return false;
  try {
    parse({{name, value}});
  } catch (const UsageError&) {
    return false;
  }
  return true;
}

Candidate CandidateParser::parse(const Settings& settings) const {
  Candidate candidate = base_;
  for (const auto& [name, value] : settings) {
    if (!set_order(candidate.order, name, value)) candidate.options.set_text(name, value);
  }
  candidate.options.check();
  for (const auto& [name, value] : settings) {
    const Parameter* const parameter = model().find(name);
    if (parameter == nullptr || !parameter->idle) continue;
    const std::string why = parameter->idle(candidate.options.values());
    if (!why.empty()) throw ParameterError(name, why);
  }
  check_list_order(candidate.order, model());
  return candidate;
}

}  // namespace tusk
