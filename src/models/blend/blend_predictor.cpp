#include "models/blend/blend_predictor.hpp"

#include <algorithm>
#include <utility>

#include "models/algorithm.hpp"

namespace tusk {

// What those that are folded in share with the trained users' predictor.
struct BlendPredictor::Shared {
  const BlendWeights& weights;
  RatingScale scale;
  std::vector<std::unique_ptr<const Model>> models = {};  // of the parts
};

BlendPredictor::BlendPredictor(Backend& backend, const Model& model, const BlendState& state) {
  auto shared = std::make_shared<Shared>(Shared{state.weights(), model.scale()});
  for (const ModelPart& part : state.parts()) {
    shared->models.push_back(
        std::make_unique<const Model>(part.state, model.shared_seen(), model.scale()));
    parts_.push_back(shared->models.back()->open(backend));
  }
  shared_ = std::move(shared);
}

BlendPredictor::BlendPredictor(std::shared_ptr<const Shared> shared, Parts parts)
    : shared_(std::move(shared)), parts_(std::move(parts)) {}

std::vector<Prediction> BlendPredictor::predict(std::span<const Index> user,
                                                std::span<const Index> item) const {
  return predict_at(user, item, {});
}

std::vector<Prediction> BlendPredictor::predict_at(std::span<const Index> user,
                                                   std::span<const Index> item,
                                                   std::span<const std::int64_t> time) const {
  const auto& [weight, constant] = shared_->weights;
  std::vector<Prediction> blended(user.size(), {constant, constant, Evidence::content});
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const auto own = parts_[p]->predict_at(user, item, time);
    for (std::size_t k = 0; k < own.size(); ++k) {
      blended[k].score += weight[p] * own[k].score;
      blended[k].rating += weight[p] * own[k].rating;
      blended[k].evidence = std::min(blended[k].evidence, own[k].evidence);
    }
  }
  for (Prediction& one : blended) one.rating = shared_->scale.clip(one.rating);
  return blended;
}

std::unique_ptr<const Predictor> BlendPredictor::fold_in(CsrView ratings) const {
  Parts folded;
  for (const auto& part : parts_) folded.push_back(part->fold_in(ratings));
  return std::unique_ptr<const Predictor>(new BlendPredictor(shared_, std::move(folded)));
}

std::int64_t BlendPredictor::pairs_at_once() const {
  std::int64_t least = Predictor::pairs_at_once();
  for (const auto& part : parts_) least = std::min(least, part->pairs_at_once());
  return least;
}

std::uint64_t BlendPredictor::table_bytes(RankBy by) const {
  std::uint64_t bytes = 0;
  for (const auto& part : parts_) bytes += part->table_bytes(by);
  return bytes;
}

}  // namespace tusk
