#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include <tusk/train_options.hpp>

#include "models/algorithm.hpp"
#include "models/bayes/bayes.hpp"
#include "models/bias/bias.hpp"
#include "models/blend/blend.hpp"
#include "models/content/content.hpp"
#include "models/ease/ease.hpp"
#include "models/hybrid/hybrid.hpp"
#include "models/ials/ials.hpp"
#include "models/knn/knn.hpp"
#include "models/mf/mf.hpp"
#include "models/neural/neural.hpp"
#include "models/pure_svd/pure_svd.hpp"
#include "models/slope_one/slope_one.hpp"
#include "support/suggest.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// A text without spaces, so that settings can stand one after another.
std::string packed(const std::string& text) {
  std::string all;
  for (const char c : text) {
    if (c == '%' || c == ' ') {
      all += fmt::format("%{:02x}", c);
    } else {
      all += c;
    }
  }
  return all;
}

std::string unpacked(std::string text) {
  for (const auto& [code, character] : {std::pair("%20", " "), std::pair("%25", "%")}) {
    for (std::size_t at = 0; (at = text.find(code, at)) != std::string::npos; ++at) {
      text.replace(at, 3, character);
    }
  }
  return text;
}

}  // namespace

std::span<const Algorithm* const> registered_algorithms() {
  static const std::vector<const Algorithm*> all = {
      &mean_algorithm(),     &bias_algorithm(),     &mf_algorithm(),        &popular_algorithm(),
      &user_knn_algorithm(), &item_knn_algorithm(), &slope_one_algorithm(), &ease_algorithm(),
      &ials_algorithm(),     &pure_svd_algorithm(), &content_algorithm(),   &hybrid_algorithm(),
      &neural_algorithm(),   &bayes_algorithm(),    &blend_algorithm(),
  };
  return all;
}

std::vector<const AlgorithmInfo*> algorithms() {
  std::vector<const AlgorithmInfo*> all;
  for (const Algorithm* algorithm : registered_algorithms()) all.push_back(&algorithm->info());
  return all;
}

const Algorithm& find_implementation(std::string_view name) {
  const std::string wanted = canonical_name(name);
  std::vector<std::string> names;
  std::vector<std::string> all;
  for (const Algorithm* algorithm : registered_algorithms()) {
    const AlgorithmInfo& info = algorithm->info();
    const std::size_t first = all.size();
    names.push_back(info.name);
    all.push_back(info.name);
    all.insert(all.end(), info.aliases.begin(), info.aliases.end());
    if (std::find(all.begin() + static_cast<std::ptrdiff_t>(first), all.end(), wanted) !=
        all.end()) {
      return *algorithm;
    }
  }
  throw UsageError(fmt::format("{} is not a model{}: it must be one of {}", in_quotes(name),
                               suggestion(name, all), list_text(names)));
}

const AlgorithmInfo& find_algorithm(std::string_view name) {
  return find_implementation(name).info();
}

const Parameter* AlgorithmInfo::find(std::string_view parameter) const {
  for (const Parameter& own : parameters) {
    const auto& others = own.aliases;
    if (own.name == parameter || (!own.off.empty() && own.off == parameter) ||
        std::find(others.begin(), others.end(), parameter) != others.end()) {
      return &own;
    }
  }
  return nullptr;
}

TrainOptions::TrainOptions(std::string_view model)
    : algorithm_(&find_implementation(model)), options_(algorithm_->defaults()) {}

const AlgorithmInfo& TrainOptions::algorithm() const { return algorithm_->info(); }

const Parameter& TrainOptions::parameter(std::string_view name) const {
  if (const Parameter* const found = algorithm().find(name)) return *found;
  throw ParameterError(std::string(name), fmt::format("is no parameter of {}", model()));
}

void TrainOptions::set(std::string_view name, const ParameterValue& value) {
  const Parameter& own = parameter(name);
  own.write(options_, checked(own, value));
}

void TrainOptions::set_text(std::string_view name, std::string_view text) {
  const Parameter& own = parameter(name);
  ParameterValue value = parse_parameter(own, text);
  if (own.off == name) value = !std::get<bool>(value);
  own.write(options_, value);
}

std::optional<ParameterValue> TrainOptions::get(std::string_view name) const {
  return parameter(name).read(options_);
}

void TrainOptions::check() const {
  for (const Parameter& own : algorithm().parameters) {
    if (const auto value = own.read(options_)) checked(own, *value);
  }
  algorithm_->check(*this);
}

std::string to_string(const TrainOptions& options) {
  std::string text = fmt::format("seed={}", options.seed);
  for (const Parameter& own : options.algorithm().parameters) {
    const auto value = options.get(own.name);
    if (value) text += fmt::format(" {}={}", own.name, packed(to_string(*value)));
  }
  return text;
}

std::uint64_t parse_seed(std::string_view text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw ParameterError("seed", std::string(text), "a whole number from 0");
  }
  return seed;
}

TrainOptions parse_options(std::string_view model, std::string_view text) {
  TrainOptions options(model);
  for (const std::string_view setting : split_text(text, " ")) {
    const auto end = std::min(setting.find('='), setting.size());
    const auto name = setting.substr(0, end);
    const auto value = setting.substr(std::min(end + 1, setting.size()));
    if (name == "seed") {
      options.seed = parse_seed(value);
    } else {
      options.set_text(name, unpacked(std::string(value)));
    }
  }
  options.check();
  return options;
}

TrainOptions::Key TrainOptions::key() const {
  Key key{model(), seed, {}};
  for (const Parameter& own : algorithm().parameters)
    std::get<2>(key).push_back(own.read(options_));
  return key;
}

}  // namespace tusk
