#include "models/blend/blend_state.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "models/blend/blend.hpp"
#include "models/blend/blend_predictor.hpp"
#include "models/metadata_options.hpp"
#include "models/model_parts.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::size_t kFewestParts = 2;
constexpr std::size_t kMostParts = 20;
constexpr const char* kWeights = "blend_weights";
constexpr const char* kConstant = "blend_constant";

TrainOptions options_of_part(std::string_view text) {
  const auto pieces = split_text(text, ":");
  TrainOptions options{std::string(trimmed(pieces.front()))};
  for (const std::string_view setting : std::span(pieces).subspan(1)) {
    const auto equals = setting.find('=');
    if (equals == std::string_view::npos) {
      throw ParameterError("parts", fmt::format("{} is no setting: write name=value",
                                                in_quotes(short_text(setting))));
    }
    options.set_text(trimmed(setting.substr(0, equals)), trimmed(setting.substr(equals + 1)));
  }
  return options;
}

}  // namespace

BlendState::BlendState(MfState base, std::vector<ModelPart> parts, BlendWeights weights,
                       std::vector<float> ratings)
    : ModelState(std::move(base)),
      parts_(std::move(parts)),
      weights_(std::move(weights)),
      ratings_(std::move(ratings)) {}

const AlgorithmInfo& BlendState::algorithm() const { return blend_algorithm().info(); }

bool BlendState::uses_times() const {
  return std::ranges::any_of(parts_,
                             [](const ModelPart& part) { return part.state->uses_times(); });
}

void BlendState::save(SafetensorsWriter& writer) const {
  if (!ratings_.empty()) write_ratings(writer, ratings_);
  writer.add(kWeights, weights_.weight);
  writer.add<float>(kConstant, {&weights_.constant, 1}, {1});
  for (const ModelPart& part : parts_) write_part(writer, part.name + '.', part);
}

std::unique_ptr<const Predictor> BlendState::open(Backend& backend, const Model& model) const {
  return std::make_unique<BlendPredictor>(backend, model, *this);
}

std::vector<TrainOptions> blend_parts(const BlendOptions& options, std::uint64_t seed) {
  std::vector<TrainOptions> parts;
  for (const std::string_view text : split_text(options.parts, ",")) {
    TrainOptions& part = parts.emplace_back(options_of_part(text));
    const AlgorithmInfo& algorithm = part.algorithm();
    const bool is_whole =
        algorithm.capabilities.has_parts || algorithm.name == BlendOptions::kModel;
    if (is_whole || !predicts_ratings(algorithm, false)) {
      throw ParameterError(
          "parts", fmt::format("cannot be {}: it {}", algorithm.name,
                               is_whole ? "is made of parts itself" : "predicts no ratings"));
    }
    part.seed = seed;
    part.check();
  }
  if (parts.size() < kFewestParts || parts.size() > kMostParts) {
    throw ParameterError("parts", fmt::format("has {}; a blend is of {} to {} models", parts.size(),
                                              kFewestParts, kMostParts));
  }
  return parts;
}

std::vector<std::string> part_names(const std::vector<TrainOptions>& parts) {
  std::vector<std::string> names;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const auto before = std::count_if(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(p),
                                      [&](auto& one) { return one.model() == parts[p].model(); });
    names.push_back(before == 0 ? parts[p].model()
                                : fmt::format("{}-{}", parts[p].model(), before + 1));
  }
  return names;
}

std::shared_ptr<const ModelState> load_blend(const SafetensorsReader& reader, MfState base,
                                             const SeenItems& seen) {
  check_format(!base.biased && base.factors == 0,
               "it does not have the tensors of its kind of model");
  const TrainOptions own = options_from_metadata(blend_algorithm().info(), reader.metadata());
  std::vector<TrainOptions> options;
  try {
    options = blend_parts(own.as<BlendOptions>(), 0);
  } catch (const UsageError& error) {
    throw FormatError(fmt::format("its parts are bad: {}", error.what()));
  }
  BlendWeights weights;
  weights.weight = read_rows(reader, kWeights, static_cast<Index>(options.size()), 0, 1);
  weights.constant = read_rows(reader, kConstant, 1, 0, 1).front();
  std::vector<ModelPart> parts;
  for (const std::string& name : part_names(options)) {
    parts.push_back(read_part(reader, name + '.', options[parts.size()].model(), base, seen));
    parts.back().name = name;
  }
  auto ratings = read_ratings(reader, seen.item.size());
  return std::make_shared<BlendState>(std::move(base), std::move(parts), std::move(weights),
                                      std::move(ratings));
}

}  // namespace tusk
