// A model that is opened for use, and the state that it is opened from.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <tusk/train_options.hpp>
#include <tusk/types.hpp>

namespace tusk {

class Backend;
class Model;
class SafetensorsWriter;

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

// What lists are ordered by.
enum class RankBy {
  rating,  // the predicted rating before clipping
  // Of models with neighbours: the sum over neighbours of similarity times what Centring says is
  // averaged, the rating or how far it is from the centre; 0 with too few neighbours. It is not
  // divided by the sum of similarities, so that many similar neighbours count for more than few: of
  // ratings and cosines it is NNCosNgbr of Cremonesi, Koren, Turrin: "Performance of Recommender
  // Algorithms on Top-N Recommendation Tasks", 2010, without its baseline.
  sum,
};

// Any number of threads may use a predictor at a time.
class Predictor {
 public:
  virtual ~Predictor() = default;

  // The rating by each user[k] of item[k], which are indices of the model or kNone. The
  // rating that is predicted is left out of its own prediction, even if it was trained on.
  virtual std::vector<Prediction> predict(std::span<const Index> user,
                                          std::span<const Index> item) const = 0;

  // The same with the scores that lists are ordered by, higher first. By default predict() itself,
  // for RankBy::rating alone.
  virtual std::vector<Prediction> rank(RankBy by, std::span<const Index> user,
                                       std::span<const Index> item) const;

  // The most similar items of each and their similarities, as NeighbourSession::query() gives them;
  // nothing where the model compares no items, or only by factors.
  virtual std::optional<TopK> nearest_items(std::span<const Index> items, int k) const;

  // How many pairs to ask about at a time at most, so that an interrupt is heeded soon.
  virtual std::int64_t pairs_at_once() const;
};

// What training made, never changed. A model of its own kind derives from it.
class ModelState {
 public:
  explicit ModelState(MfState base) : base_(std::move(base)) {}
  virtual ~ModelState() = default;

  virtual const AlgorithmInfo& algorithm() const = 0;

  // The mean, biases and factors; of a model that is more, what it falls back on.
  const MfState& base() const { return base_; }
  // Whether base() is all there is, so that scores are dot products.
  virtual bool is_dot_product() const { return false; }
  // The training ratings in the order of Model::seen(), if it keeps them.
  virtual std::span<const float> ratings() const { return {}; }

  // Writes what base() does not hold to a model file. The tensors are borrowed.
  virtual void save(SafetensorsWriter&) const {}

  // Backend and model are borrowed; the state is the model's.
  virtual std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const = 0;

 private:
  MfState base_;
};

// A state whose scores are dot products and biases, of one of the models that have such.
std::shared_ptr<const ModelState> make_dot_state(std::string_view model, MfState state);

}  // namespace tusk
