#include <array>

#include <tusk/model.hpp>

#include "backend/backend.hpp"
#include "model/score.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, kEvidenceKinds> kEvidence = {
    "full", "user-only", "item-only", "global", "folded-in", "content"};

}  // namespace

std::string_view to_string(Evidence evidence) {
  return kEvidence[static_cast<std::size_t>(evidence)];
}

Model::Model() : Model(make_dot_state("mean", {}), SeenItems(), {}) {}

Model::Model(std::shared_ptr<const ModelState> learned, SeenItems seen, RatingScale scale)
    : Model(std::move(learned), std::make_shared<const SeenItems>(std::move(seen)), scale) {}

Model::Model(std::shared_ptr<const ModelState> learned, std::shared_ptr<const SeenItems> seen,
             RatingScale scale)
    : learned_(std::move(learned)), seen_(std::move(seen)), scale_(scale) {
  item_known_.assign(static_cast<std::size_t>(state().items), false);
  for (const Index item : seen_->item) item_known_[static_cast<std::size_t>(item)] = true;
}

std::unique_ptr<const Predictor> Model::open(Device& device) const {
  return learned_->open(backend_of(device), *this);
}

std::optional<TrainOptions> Model::options() const {
  const auto text = metadata.find(kOptionsKey);
  if (text == metadata.end()) return std::nullopt;
  return parse_options(algorithm().name, text->second);
}

CsrView Model::ratings() const {
  CsrView view = seen_->view();
  view.value = learned_->ratings();
  return view;
}

std::vector<std::int64_t> Model::ratings_of_items() const {
  std::vector<std::int64_t> ratings(static_cast<std::size_t>(state().items), 0);
  for (const Index item : seen_->item) ++ratings[static_cast<std::size_t>(item)];
  return ratings;
}

bool Model::knows_user(Index user) const {
  if (user == kNone) return false;
  const auto u = static_cast<std::size_t>(user);
  return seen_->offset[u + 1] > seen_->offset[u];
}

bool Model::knows_item(Index item) const {
  return item != kNone && item_known_[static_cast<std::size_t>(item)];
}

bool Model::uses_user(Index user) const {
  return knows_user(user) && !algorithm().capabilities.one_list_for_all;
}

Prediction Model::predict_by_state(Index user, Index item) const {
  const float sum = score(state(), uses_user(user) ? user : kNone, knows_item(item) ? item : kNone);
  return prediction_of(sum, user, item);
}

Prediction Model::prediction_of(float score, Index user, Index item) const {
  const MfState& state = this->state();
  const bool of_user = uses_user(user);
  const bool of_item = knows_item(item);
  Prediction prediction{score, scale_.clip(score), Evidence::global};
  if (of_user && of_item && (state.biased || state.factors > 0)) {
    prediction.evidence = Evidence::full;
  } else if (state.biased && of_user) {
    prediction.evidence = Evidence::user_only;
  } else if (state.biased && of_item) {
    prediction.evidence = Evidence::item_only;
  }
  return prediction;
}

std::string title_of(const Model& model, Index item) {
  return item == kNone ? "" : std::string(model.catalogue.title[static_cast<std::size_t>(item)]);
}

}  // namespace tusk
