#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/search_space.hpp>

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

// Null for a part of the order of lists.
const Parameter* CandidateParser::searched(const std::string& name) const {
  if (is_order_setting(name)) return nullptr;
  const Parameter* const parameter = model().find(name);
  if (parameter != nullptr && parameter->searchable) return parameter;
  std::vector<std::string> names = order_settings();
  for (const Parameter& known : model().parameters) {
    if (known.searchable) names.push_back(known.option());
  }
  std::vector<std::string> others;
  for (const AlgorithmInfo* other : algorithms()) {
    if (other != &model() && other->find(name) != nullptr) others.push_back(other->name);
  }
  throw UsageError(
      fmt::format("{} has no parameter {} to be searched{}{}", model().name, in_quotes(name),
                  suggestion(name, names),
                  others.empty() ? "" : fmt::format("; it is one of {}", list_text(others))));
}

Settings CandidateParser::all(const Settings& settings) const {
  Settings all;
  for (const Setting& given : given_) {
    if (!sets(settings, given.first)) all.push_back(given);
  }
  all.insert(all.end(), settings.begin(), settings.end());
  return all;
}

// Whether a parameter is left to the search: it is not given, and has an effect with those that
// are.
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
    if (!why.empty()) throw ParameterError(name, with_names(why, option_name));
  }
  check_list_order(candidate.order, model());
  return candidate;
}

SearchSpace CandidateParser::typed(const SearchSpace& space) const {
  SearchSpace typed;
  for (ParameterRange range : space.ranges()) {
    for (std::size_t n = 0; n < range.names().size(); ++n) {
      const std::string name = range.names()[n];
      const Parameter* const parameter = searched(name);
      if (parameter != nullptr) range.rename(n, *parameter);
      const auto is = [&](Parameter::Type type) {
        return parameter != nullptr && parameter->type == type;
      };
      if (is(Parameter::Type::whole)) {
        range.make_integer();
      } else if (!is(Parameter::Type::number) && !range.is_list()) {
        throw UsageError(
            fmt::format("{}: {} is no number; list its values", short_text(range.text()), name));
      }
    }
    typed.add(std::move(range));
  }
  return typed;
}

SearchPlan CandidateParser::plan(const SearchSpec& spec, std::uint64_t seed) const {
  SearchPlan plan{
      spec.space, spec.grid ? spec.space.grid() : spec.space.draw(seed, spec.trials), {}};
  for (const Settings& one : plan.settings) plan.candidates.push_back(parse(one));
  return plan;
}

SearchPlan CandidateParser::plan_around_defaults(const SearchSpec& spec, std::uint64_t seed,
                                                 float spread) const {
  SearchSpace all;
  for (const Parameter& parameter : model().parameters) {
    if (!parameter.search) continue;
    all.add(ParameterRange(
        fmt::format("{}={}", parameter.name, parameter.search(spread, base_.options.values()))));
  }
  all = typed(all);
  SearchSpec drawn{{}, false, std::max<std::size_t>(spec.trials, 1) - 1};
  for (const ParameterRange& range : all.ranges()) {
    if (is_open(range.names().front(), range.at(0))) drawn.space.add(range);
  }
  if (drawn.space.empty()) {
    throw ParameterError("model", fmt::format("{} has nothing to tune", model().name));
  }
  SearchPlan plan = this->plan(drawn, seed);
  plan.settings.insert(plan.settings.begin(), Settings());
  plan.candidates.insert(plan.candidates.begin(), parse({}));
  return plan;
}

}  // namespace tusk
