// A trained model together with what is needed to use it on its own: ids, titles, scale, and what
// each user has rated.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/dataset.hpp>
#include <tusk/knn.hpp>
#include <tusk/types.hpp>

namespace tusk {

enum class ModelKind {
  mean,      // the mean rating
  bias,      // mean + user bias + item bias, by damped means
  mf,        // biased matrix factorization
  popular,   // mean + item bias: the damped ("Bayesian") mean of the item's ratings, for all users
  user_knn,  // from how the most similar users rated the item
  item_knn,  // from how the user rated the most similar items
};

// "mean", "bias", "mf", "popular", "user-knn", "item-knn". parse_model_kind throws UsageError.
std::string_view to_string(ModelKind kind);
inline bool is_knn(ModelKind kind) {
  return kind == ModelKind::user_knn || kind == ModelKind::item_knn;
}
ModelKind parse_model_kind(std::string_view text);

// What a prediction rests on: both the user's and the item's training ratings, one of them, or the
// mean of all ratings alone.
enum class Evidence { full, user_only, item_only, global };
inline constexpr int kEvidenceKinds = 4;
std::string_view to_string(Evidence evidence);  // "full", "user-only", "item-only", "global"

struct Prediction {
  float score = 0;   // before clipping
  float rating = 0;  // clipped to the scale
  Evidence evidence = Evidence::global;
};

// Which items each user was seen to rate in training: a CsrView without values that owns its
// memory.
struct SeenItems {
  std::vector<std::int64_t> offset = {0};  // [users + 1]
  std::vector<Index> item;                 // ascending within a user
  Index items = 0;

  CsrView view() const { return {offset, item, {}, items}; }
};

// A training rating by which data can be told to be the model's.
struct SampledRating {
  Index user = 0;
  Index item = 0;
  float rating = 0;
};

class Model {
 public:
  Model() = default;
  // `knn` is what makes a model of kind user_knn or item_knn; `state` is then what it falls back
  // on.
  Model(ModelKind kind, MfState state, SeenItems seen, RatingScale scale,
        std::optional<KnnState> knn = {});

  ModelKind kind() const { return kind_; }
  const MfState& state() const { return state_; }
  const std::optional<KnnState>& knn() const { return knn_; }
  const SeenItems& seen() const { return seen_; }
  // The training ratings, users x items: without values but for a KNN model.
  CsrView ratings() const;
  RatingScale scale() const { return scale_; }

  // Whether the model was trained on any rating of them; false for kNone.
  bool knows_user(Index user) const;
  bool knows_item(Index item) const;

  // What state() alone predicts: all that a model of mean, biases and factors knows, and the bias
  // model or mean within a KNN model. tusk::predict is what predicts by every kind of model. A user
  // or item that the model does not know adds nothing, and the evidence says so. To a popular model
  // all users are unknown.
  Prediction predict_by_state(Index user, Index item) const;

  // Set by train() and by load_model(); free for a caller that builds a model by hand.
  IdMap users;
  IdMap items;
  Catalogue catalogue;
  std::vector<SampledRating> rating_sample;  // some hundred; see match_data()
  // How the model came about: hyper-parameters, seed, split, hash of the ratings, measured errors.
  std::map<std::string, std::string> metadata;

 private:
  ModelKind kind_ = ModelKind::mean;
  MfState state_;
  std::optional<KnnState> knn_;
  SeenItems seen_;
  RatingScale scale_;
  std::vector<bool> item_known_;
};

}  // namespace tusk
