#include "models/hybrid/hybrid_state.hpp"

#include <utility>

#include <fmt/format.h>

#include <tusk/model.hpp>
#include <tusk/train_options.hpp>

#include "model/safetensors.hpp"
#include "models/hybrid/hybrid.hpp"
#include "models/hybrid/hybrid_predictor.hpp"
#include "models/metadata_options.hpp"
#include "models/model_parts.hpp"

namespace tusk {
namespace {

std::string prefix_of(std::size_t part) { return fmt::format("{}.", kHybridParts[part]); }

}  // namespace

HybridState::HybridState(Parts parts, const HybridOptions& options)
    : ModelState(parts[static_cast<std::size_t>(HybridPart::content)].state->base()),
      parts_(std::move(parts)),
      options_(options) {}

const AlgorithmInfo& HybridState::algorithm() const { return hybrid_algorithm().info(); }

void HybridState::save(SafetensorsWriter& writer) const {
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    write_part(writer, prefix_of(p), parts_[p]);
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
    parts.push_back(read_part(reader, prefix_of(p), part.model(), base, seen));
    parts[p].name = kHybridParts[p];
  }
  return std::make_shared<HybridState>(std::move(parts), options);
}

}  // namespace tusk
