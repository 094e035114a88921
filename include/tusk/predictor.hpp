// A model that is opened for use, and the state that it is opened from.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tusk/train_options.hpp>
#include <tusk/types.hpp>

namespace tusk {

class Backend;
struct FactorPriors;
class Model;
class SafetensorsWriter;

// What a prediction rests on: both the user's and the item's training ratings, one of them, or the
// mean of all ratings alone; the item's training ratings and those of a user who was folded in; or
// what is known of items beside ratings.
enum class Evidence { full, user_only, item_only, global, folded_in, content };
inline constexpr int kEvidenceKinds = 6;
// "full", "user-only", "item-only", "global", "folded-in", "content"
std::string_view to_string(Evidence evidence);

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

// What a user's rating of an item adds to the score of another item; see contributions().
struct Contribution {
  Index item = 0;
  float rating = 0;
  float part = 0;
};

// Where an item is in the list of a part of a model, from 1, and the part's own score of it.
struct PartRank {
  std::string part;  // "collaborative", "content", "popular", "rating"
  int rank = 0;
  float score = 0;
};

// The same of many pairs of a user and an item.
struct PartRanks {
  std::vector<std::string> parts;
  // By part, then by pair; rank 0: the part's list has it not.
  std::vector<std::vector<int>> rank;
  std::vector<std::vector<float>> score;

  std::vector<PartRank> of(std::size_t pair) const;  // of the parts that have it
};

// Takes the scores of all items for one user: `user` is its place among those asked about, `scores`
// are [items] and may be changed. Several threads may call it at a time, each for another user.
using ScoreRowVisitor = std::function<void(std::size_t user, std::span<float> scores)>;

// Any number of threads may use a predictor at a time.
class Predictor {
 public:
  virtual ~Predictor() = default;

  // The rating by each user[k] of item[k], which are indices of the model or kNone. The
  // rating that is predicted is left out of its own prediction, even if it was trained on.
  virtual std::vector<Prediction> predict(std::span<const Index> user,
                                          std::span<const Index> item) const = 0;

  // The same of ratings that are given at time[k], in seconds since 1970 or kNoTime. By default
  // predict(): times change the predictions of those models alone whose ModelState::uses_times().
  virtual std::vector<Prediction> predict_at(std::span<const Index> user,
                                             std::span<const Index> item,
                                             std::span<const std::int64_t> time) const;

  // The same with the scores that lists are ordered by, higher first. By default predict() itself,
  // for RankBy::rating alone. Times are not used.
  virtual std::vector<Prediction> rank(RankBy by, std::span<const Index> user,
                                       std::span<const Index> item) const;

  // The most similar items of each and their similarities, as NeighbourSession::query() gives them;
  // nothing where the model compares no items, or only by factors.
  virtual std::optional<TopK> nearest_items(std::span<const Index> items, int k) const;

  // How like an item each of `others` is, 1 at most: the cosine of factors, the similarity of
  // neighbours (0 of those that a table does not have), or the cosine of what is known of them.
  // Nothing where the model compares no items.
  virtual std::optional<std::vector<float>> similarities(Index item,
                                                         std::span<const Index> others) const;

  // A predictor of users who were not trained, from their ratings: users x the model's items, with
  // values. Its users are the rows, the items stay as they are, and a row does not depend on the
  // others. Ratings of items without training ratings do not count. Neighbour models and slope-one
  // use the row as they use those of users who were trained; similarities of items stay. The vector
  // of a model with factors is a posterior mean (src/model/factor_prior.hpp).
  // The ratings, and this, are borrowed. By default throws UsageError: there is nothing to fold in.
  virtual std::unique_ptr<const Predictor> fold_in(CsrView ratings) const;

  // Nothing where scores are not dot products of the model's items.
  virtual std::optional<UserVectors> user_vectors() const { return std::nullopt; }

  // Of a predictor that fold_in() made, for each item: what each rating of the user adds to its
  // score, the most first; of a model with factors, beyond what it adds to the score of
  // the average item. Nothing where scores are no sum over the user's ratings.
  virtual std::vector<std::vector<Contribution>> contributions(Index user,
                                                               std::span<const Index> items) const;

  // How much each item is like what the text describes, "dark space thriller": 0 to 1. Nothing
  // where the model compares no content, or knows none of these words. Throws UsageError where it
  // was trained on embeddings.
  virtual std::optional<std::vector<float>> text_scores(std::string_view text,
                                                        std::span<const Index> items) const;

  // rank() and, of a model of several parts, where each item is in their lists: a user's pairs
  // follow each other and are the items from which the list is chosen. Of other models `parts` is
  // left empty.
  virtual std::vector<Prediction> rank_with_parts(RankBy by, std::span<const Index> user,
                                                  std::span<const Index> item,
                                                  PartRanks& parts) const;

  // Whether score_rows() is there: all items are scored for a user together, much faster than pair
  // by pair.
  virtual bool has_score_rows(RankBy by) const;
  // Calls visit() once for each of the users, which are indices of the model, with the scores that
  // rank() gives. By default throws UsageError.
  virtual void score_rows(RankBy by, std::span<const Index> users,
                          const ScoreRowVisitor& visit) const;

  // How many pairs to ask about at a time at most, so that an interrupt is heeded soon.
  virtual std::int64_t pairs_at_once() const;

  // Bytes of the tables that it makes beside the model once many scores are asked for.
  virtual std::uint64_t table_bytes(RankBy by) const;

  // Standard deviations of the ratings that predict() predicts: of how unsure the prediction is and
  // of how ratings scatter around it, together. Empty where the model knows none.
  virtual std::vector<float> deviations(std::span<const Index> user,
                                        std::span<const Index> item) const;
  // Those of predict_at(). By default deviations().
  virtual std::vector<float> deviations_at(std::span<const Index> user, std::span<const Index> item,
                                           std::span<const std::int64_t> time) const;

  // The same predictor, but that the scores of rank() and score_rows() are the mean plus `risk`
  // times the deviation; also of those that it folds in. By default throws ParameterError: there
  // are no deviations.
  virtual std::unique_ptr<const Predictor> with_risk(float risk) const;
};

class ModelState;

// A model that another one is made of.
struct ModelPart {
  std::string name;  // "collaborative"
  std::shared_ptr<const ModelState> state;
  std::map<std::string, std::string> metadata;  // of its own training
};

// What training made, never changed. A model of its own kind derives from it.
class ModelState {
 public:
  explicit ModelState(MfState base) : base_(std::move(base)) {}
  virtual ~ModelState() = default;

  virtual const AlgorithmInfo& algorithm() const = 0;

  // The mean, biases and factors; of a model that is more, what it falls back on.
  const MfState& base() const { return base_; }
  // The priors that base() was trained with, if it has factors and keeps them.
  virtual std::shared_ptr<const FactorPriors> priors() const { return nullptr; }
  // Whether predictions have a deviation.
  virtual bool knows_deviations() const { return false; }
  // Whether the time at which a rating is given changes its prediction.
  virtual bool uses_times() const { return false; }
  // Whether base() is all there is, so that scores are dot products.
  virtual bool is_dot_product() const { return false; }
  // The training ratings in the order of Model::seen(), if it keeps them.
  virtual std::span<const float> ratings() const { return {}; }

  // Of models that use content, the vectors of the items, of length 1 or 0, by which they are
  // compared; else without rows.
  virtual CsrView content_vectors() const { return {}; }

  // The models that it is made of, if it is made of several. They have its users, items, seen items
  // and scale.
  virtual std::vector<ModelPart> parts() const { return {}; }

  // Writes what base() does not hold to a model file. The tensors are borrowed.
  virtual void save(SafetensorsWriter&) const {}

  // Backend and model are borrowed; the state is the model's.
  virtual std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const = 0;

 private:
  MfState base_;
};

// A state whose scores are dot products and biases, of one of the models that have such. A state
// with factors has the priors by which users and items are folded in; null: they are estimated when
// they are needed.
std::shared_ptr<const ModelState> make_dot_state(
    std::string_view model, MfState state, std::shared_ptr<const FactorPriors> priors = nullptr);

}  // namespace tusk
