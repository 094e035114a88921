// A trained model together with what is needed to use it on its own: ids, titles, scale, and what
// each user has rated.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/predictor.hpp>
#include <tusk/types.hpp>

namespace tusk {

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

class Device;

// Where the metadata has the text of the options.
inline constexpr const char* kOptionsKey = "options";
// What the metadata of a model has that was trained on weights and not on ratings.
inline constexpr const char* kWeightsKey = "weights";

// What everybody's training ratings say of each item; in files of earlier versions nothing.
struct Popularity {
  std::vector<float> rating;  // the damped mean that the model `popular` predicts
  // How many of its ratings are among the last tenth of all by time, over how many would be if
  // every item had its share, both damped: 1 is steady, 2 twice as many. Empty without times.
  std::vector<float> trend;
};

class Model {
 public:
  Model();
  Model(std::shared_ptr<const ModelState> learned, SeenItems seen, RatingScale scale);
  // One that shares the seen items of others.
  Model(std::shared_ptr<const ModelState> learned, std::shared_ptr<const SeenItems> seen,
        RatingScale scale);

  const AlgorithmInfo& algorithm() const { return learned_->algorithm(); }
  const ModelState& learned() const { return *learned_; }
  const MfState& state() const { return learned_->base(); }
  const SeenItems& seen() const { return *seen_; }
  std::shared_ptr<const SeenItems> shared_seen() const { return seen_; }
  // The training ratings, users x items: with values if the model keeps them.
  CsrView ratings() const;
  RatingScale scale() const { return scale_; }

  // How many training ratings each item has.
  std::vector<std::int64_t> ratings_of_items() const;

  // Whether the model was trained on any rating of them; false for kNone.
  bool knows_user(Index user) const;
  bool knows_item(Index item) const;

  // The model opened for use. Device and model are borrowed.
  std::unique_ptr<const Predictor> open(Device& device) const;

  // What state() alone predicts: all that a model of mean, biases and factors knows, and what
  // another falls back on. A user or item that the model does not know adds nothing, and the
  // evidence says so. To a model with one list for all, every user is unknown.
  Prediction predict_by_state(Index user, Index item) const;
  // The same where the score is known.
  Prediction prediction_of(float score, Index user, Index item) const;

  // Set by train() and by load_model(); free for a caller that builds a model by hand.
  IdMap users;
  IdMap items;
  Catalogue catalogue;
  std::vector<SampledRating> rating_sample;  // some hundred; see match_data()
  Popularity popularity;
  // How the model came about: hyper-parameters, seed, split, hash of the ratings, measured errors.
  std::map<std::string, std::string> metadata;
  // What it was trained with; nothing for a model of a file of an earlier version, or built by
  // hand.
  std::optional<TrainOptions> options() const;
  // Whether it was trained on weights (ReadOptions::implicit) and not on ratings.
  bool of_weights() const { return metadata.contains(kWeightsKey); }

 private:
  bool uses_user(Index user) const;

  std::shared_ptr<const ModelState> learned_;
  std::shared_ptr<const SeenItems> seen_;
  RatingScale scale_;
  std::vector<bool> item_known_;
};

// The item's title, or "" where the data had none.
std::string title_of(const Model& model, Index item);

}  // namespace tusk
