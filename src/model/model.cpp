#include <array>

#include <tusk/model.hpp>

#include "model/score.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, kEvidenceKinds> kEvidence = {"full", "user-only",
                                                                    "item-only", "global"};

}  // namespace

std::string_view to_string(Evidence evidence) {
  return kEvidence[static_cast<std::size_t>(evidence)];
}

Model::Model() : learned_(make_dot_state("mean", {})) {}

Model::Model(std::shared_ptr<const ModelState> learned, SeenItems seen, RatingScale scale)
    : learned_(std::move(learned)), seen_(std::move(seen)), scale_(scale) {
  item_known_.assign(static_cast<std::size_t>(state().items), false);
  for (const Index item : seen_.item) item_known_[static_cast<std::size_t>(item)] = true;
}

CsrView Model::ratings() const {
  CsrView view = seen_.view();
  view.value = learned_->ratings();
  return view;
}

bool Model::knows_user(Index user) const {
  if (user == kNone) return false;
  const auto u = static_cast<std::size_t>(user);
  return seen_.offset[u + 1] > seen_.offset[u];
}

bool Model::knows_item(Index item) const {
  return item != kNone && item_known_[static_cast<std::size_t>(item)];
}

Prediction Model::predict_by_state(Index user, Index item) const {
  const MfState& state = this->state();
  if (!knows_user(user) || algorithm().capabilities.one_list_for_all) user = kNone;
  if (!knows_item(item)) item = kNone;
  const float sum = score(state, user, item);
  Prediction prediction{sum, scale_.clip(sum), Evidence::global};
  if (user != kNone && item != kNone && (state.biased || state.factors > 0)) {
    prediction.evidence = Evidence::full;
  } else if (state.biased && user != kNone) {
    prediction.evidence = Evidence::user_only;
  } else if (state.biased && item != kNone) {
    prediction.evidence = Evidence::item_only;
  }
  return prediction;
}

std::string title_of(const Model& model, Index item) {
  return item == kNone ? "" : std::string(model.catalogue.title[static_cast<std::size_t>(item)]);
}

}  // namespace tusk
