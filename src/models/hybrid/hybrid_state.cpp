#include "models/hybrid/hybrid_state.hpp"

#include <utility>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/model.hpp>
#include <tusk/train_options.hpp>

#include "model/model_tensors.hpp"
#include "model/safetensors.hpp"
#include "models/algorithm.hpp"
#include "models/hybrid/hybrid.hpp"
#include "models/hybrid/hybrid_predictor.hpp"
#include "models/metadata_options.hpp"

namespace tusk {
namespace {

constexpr const char* kModelKey = "model";

std::string prefix_of(std::size_t part) { return fmt::format("{}.", kHybridParts[part]); }

ModelPart read_part(const SafetensorsReader& reader, std::string_view model, Index users,
                    Index items, const SeenItems& seen) {
  ModelPart part;
  part.metadata = reader.metadata();
  const auto named = part.metadata.find(kModelKey);
  check_format(named != part.metadata.end() && named->second == model,
               fmt::format("its parts are not those of a hybrid model: {} is missing", model));
  part.metadata.erase(kModelKey);
  part.state = find_implementation(model).load(reader, read_state(reader, users, items), seen);
  return part;
}

}  // namespace

HybridState::HybridState(Parts parts, const HybridOptions& options)
    : ModelState(parts[static_cast<std::size_t>(HybridPart::content)].state->base()),
      parts_(std::move(parts)),
      options_(options) {}

const AlgorithmInfo& HybridState::algorithm() const { return hybrid_algorithm().info(); }

void HybridState::save(SafetensorsWriter& writer) const {
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    SafetensorsWriter part;
    part.metadata = parts_[p].metadata;
    part.metadata[kModelKey] = parts_[p].state->algorithm().name;
    write_mean(part, parts_[p].state->base());
    write_vectors(part, parts_[p].state->base());
    parts_[p].state->save(part);
    writer.add_part(prefix_of(p), part, kRatingsTensor);
  }
}

std::unique_ptr<const Predictor> HybridState::open(Backend& backend, const Model& model) const {
  return std::make_unique<HybridPredictor>(backend, model, *this);
}

std::vector<TrainOptions> hybrid_parts(const HybridOptions& options, std::uint64_t seed) {
  const auto collaborative = [&]() -> TrainOptions {
    switch (options.collaborative) {
      case Collaborative::item_knn:
        return options.item_knn;
      case Collaborative::mf:
        return options.mf;
      case Collaborative::ials:
        return options.ials;
      case Collaborative::automatic:
      case Collaborative::ease:
        break;
    }
    return options.ease;
  };
  std::vector<TrainOptions> parts = {collaborative(), options.content, options.popular};
  if (options.fused_by() == Fusion::exposure) parts.emplace_back(options.mf);
  for (TrainOptions& part : parts) part.seed = seed;
  return parts;
}

std::shared_ptr<const ModelState> load_hybrid(const SafetensorsReader& reader, const MfState& base,
                                              const SeenItems& seen) {
  const auto options =
      options_from_metadata(hybrid_algorithm().info(), reader.metadata()).as<HybridOptions>();
  HybridState::Parts parts;
  for (const TrainOptions& part : hybrid_parts(options, 0)) {
    const std::size_t p = parts.size();
    parts.push_back(read_part(reader.part(prefix_of(p), kRatingsTensor), part.model(), base.users,
                              base.items, seen));
    parts[p].name = kHybridParts[p];
  }
  return std::make_shared<HybridState>(std::move(parts), options);
}

}  // namespace tusk
