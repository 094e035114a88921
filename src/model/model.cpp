#include <array>

#include <tusk/error.hpp>
#include <tusk/model.hpp>

#include "model/score.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr std::array<std::string_view, 6> kModelKinds = {"mean",    "bias",     "mf",
                                                         "popular", "user-knn", "item-knn"};
constexpr std::array<std::string_view, kEvidenceKinds> kEvidence = {"full", "user-only",
                                                                    "item-only", "global"};

}  // namespace

std::string_view to_string(ModelKind kind) { return kModelKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_string(Evidence evidence) {
  return kEvidence[static_cast<std::size_t>(evidence)];
}

ModelKind parse_model_kind(std::string_view text) {
  for (std::size_t k = 0; k < kModelKinds.size(); ++k) {
    if (kModelKinds[k] == text) return static_cast<ModelKind>(k);
  }
  throw UsageError(in_quotes(text) +
                   " is not a model: mean, bias, mf, popular, user-knn or item-knn");
}

Model::Model(ModelKind kind, MfState state, SeenItems seen, RatingScale scale,
             std::optional<KnnState> knn)
    : kind_(kind),
      state_(std::move(state)),
      knn_(std::move(knn)),
      seen_(std::move(seen)),
      scale_(scale) {
  item_known_.assign(static_cast<std::size_t>(state_.items), false);
  for (const Index item : seen_.item) item_known_[static_cast<std::size_t>(item)] = true;
}

CsrView Model::ratings() const {
  CsrView view = seen_.view();
  if (knn_) view.value = knn_->rating;
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
  if (!knows_user(user) || kind_ == ModelKind::popular) user = kNone;
  if (!knows_item(item)) item = kNone;
  const float sum = score(state_, user, item);
  Prediction prediction{sum, scale_.clip(sum), Evidence::global};
  if (user != kNone && item != kNone && (state_.biased || state_.factors > 0)) {
    prediction.evidence = Evidence::full;
  } else if (state_.biased && user != kNone) {
    prediction.evidence = Evidence::user_only;
  } else if (state_.biased && item != kNone) {
    prediction.evidence = Evidence::item_only;
  }
  return prediction;
}

}  // namespace tusk
