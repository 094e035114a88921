// The options of each kind of model.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tusk/knn.hpp>
#include <tusk/text_features.hpp>

namespace tusk {

struct MeanOptions {
  static constexpr std::string_view kModel = "mean";
};

// Damped means (Koren: "Factor in the Neighbors", 2010, section 2.1): a bias is the sum of its
// residuals over their count plus the damping. User and item biases are refined in turn.
struct BiasOptions {
  static constexpr std::string_view kModel = "bias";

  float user_damping = 15;
  float item_damping = 10;
};

// The damped ("Bayesian") mean of an item's ratings, for all users.
struct PopularOptions {
  static constexpr std::string_view kModel = "popular";

  float item_damping = 10;
};

struct SlopeOneOptions {
  static constexpr std::string_view kModel = "slope-one";
};

// The factor on the learning rates in epoch t = 1, 2, ..., with d the decay.
enum class Schedule {
  constant,     // 1
  inverse,      // 1 / (1 + d (t - 1))
  exponential,  // d ^ (t - 1)
};
std::string_view to_string(Schedule schedule);  // "constant", "inverse", "exponential"

// What model training keeps once early stopping has found the best number of epochs.
enum class AfterStop {
  refit,  // one trained on all training ratings for that many
  best,   // that of the best epoch, which has not seen the inner hold-out
};
std::string_view to_string(AfterStop after);  // "refit", "best"

inline constexpr int kMostEpochs = 100'000;
inline constexpr int kMostFactors = 4096;

// What a weight w of implicit data counts.
enum class Weighting {
  binary,  // 1
  log,     // log2(1 + w), so that a weight of 1 counts 1
  linear,  // w
};
std::string_view to_string(Weighting weighting);  // "binary", "log", "linear"

// What models that make lists learn from: items that users chose, each with a weight.
struct InteractionOptions {
  // The lowest rating that counts in full. By default 4, or the same place of another scale; of
  // weights all count in full.
  std::optional<float> relevance;
  float low_weight = 0.25f;  // what ratings below it count: from 0, which drops them, to 1
  Weighting weighting = Weighting::binary;
};

// How weights are changed by the gradients of their errors.
enum class Optimizer {
  sgd,    // after each rating
  adam,   // after each mini-batch, with weight decay as a part of the gradient
  adamw,  // and apart from it
};
std::string_view to_string(Optimizer optimizer);  // "sgd", "adam", "adamw"

// Biased matrix factorization. What is not given follows the spread of the ratings, so that ratings
// from 0 to 100 are trained as the same ratings from 1 to 5 would be: by SGD, with s the standard
// deviation of the training ratings the learning rate of the factors is 0.0056 / s, their
// regularization 0.053 s and their initial standard deviation 0.0028 sqrt(s); for MovieLens 100K
// that is 0.005, 0.06 and 0.003. Biases learn slower than factors; bench/README.md shows what that
// gives. By Adam the learning rate is 0.003 sqrt(s), for factors and biases, the initial standard
// deviation 0.03 sqrt(s), and all weights decay alike; factors then follow the spread, biases do
// not.
struct MfOptions {
  static constexpr std::string_view kModel = "mf";

  int factors = 200;
  bool biased = true;
  Optimizer optimizer = Optimizer::sgd;
  std::optional<float> learning_rate;  // of the factors
  std::optional<float> user_learning_rate;
  std::optional<float> item_learning_rate;
  std::optional<float> regularization;  // of the factors
  std::optional<float> user_regularization;
  std::optional<float> item_regularization;
  float bias_learning_rate = 0.001f;
  float bias_regularization = 0.02f;
  float weight_decay = 0.0003f;  // by Adam, as is the size of a mini-batch
  int batch_size = 1024;
  std::optional<float> init_std;
  Schedule schedule = Schedule::constant;
  std::optional<double> decay;  // of the schedule
  std::optional<int> epochs;    // 500 at most by default; exactly so many without early stopping
  // Stops when the error on an inner hold-out of the training ratings has not fallen for so many
  // epochs, and takes the epoch at which it was lowest. 0: never. By default 10, or 0 where the
  // number of epochs is given.
  std::optional<int> early_stop;
  double holdout = 0.05;  // fraction of the training ratings
  AfterStop after_stop = AfterStop::refit;

  int most_epochs() const { return epochs.value_or(500); }
  int patience() const { return early_stop.value_or(epochs ? 0 : 10); }
};

// How iALS solves for the factors of one user or item.
enum class AlsSolver {
  automatic,  // cg, but cholesky for 16 factors or fewer
  cholesky,   // exactly; the work grows with the square of the factors
  cg,         // some steps of conjugate gradient from the factors of the last epoch
};
std::string_view to_string(AlsSolver solver);  // "auto", "cholesky", "cg"

// Implicit alternating least squares; src/backend/als_session.hpp has the loss and its sources.
struct IalsOptions {
  static constexpr std::string_view kModel = "ials";

  int factors = 128;
  float unobserved_weight = 0.3f;
  float regularization = 0.25f;
  // A row with interactions of weight n is regularized by regularization times
  // (n + unobserved_weight N) to this power, with N the number of rows of the other side.
  float frequency_exponent = 0.5f;
  int epochs = 8;
  std::optional<float> init_std;  // by default 0.1 over the square root of the factors
  AlsSolver solver = AlsSolver::automatic;
  int cg_steps = 3;
  InteractionOptions interactions;
};

// PureSVD (Cremonesi, Koren, Turrin: "Performance of Recommender Algorithms on Top-N Recommendation
// Tasks", 2010): the leading singular vectors of the matrix of interactions, 0 where there is none.
struct PureSvdOptions {
  static constexpr std::string_view kModel = "pure-svd";

  int factors = 15;
  int power_iterations = 7;
  InteractionOptions interactions;
};

// Prediction by the k nearest neighbours. The defaults predict well: Surprise's for
// pearson_baseline, with a weight shrinkage that bench/README.md shows. Lists want others, see
// RankBy::sum; of weights (ReadOptions::implicit), which make lists alone, they are the defaults.
struct KnnOptions {
  KnnOptions() = default;
  KnnOptions(const KnnParams& params);

  std::optional<SimilarityMetric> similarity;  // by default pearson_baseline, of weights cosine
  std::optional<Centring> centring;            // by default baseline, of weights none
  int neighbours = 40;
  int min_neighbours = 1;
  NeighbourPolicy policy = NeighbourPolicy::automatic;
  std::optional<float> shrinkage;         // by default 100 for pearson_baseline, else 0
  std::optional<float> weight_shrinkage;  // by default 0.3 for pearson_baseline, else 0
  int min_support = 1;
  float asymmetry = 0.5f;           // of cosine and centered_cosine
  std::optional<float> low_weight;  // as in KnnParams; by default ratings are summed
  std::optional<float> relevance;   // for it; by default as in InteractionOptions
  BiasOptions bias;                 // of the bias model within

  KnnParams params(bool of_weights = false) const;
};

// EASE (Steck 2019, 2020): every item by a linear model of all others, in closed form; for lists.
// src/models/ease/ease.hpp has the formulas.
struct EaseOptions {
  static constexpr std::string_view kModel = "ease";

  float regularization = 100;  // l, added to the diagonal of X'X
  float dropout = 0.5f;        // p: p / (1 - p) of the diagonal is added to it, too
  InteractionOptions interactions;
  // Keeps so many coefficients of each item, those furthest from 0. By default all, which is
  // better.
  std::optional<int> neighbours;
};

// What is known of the items beside ratings: genres, words of titles, tags and descriptions, years;
// or vectors from elsewhere. Users like what is like what they rated above their mean.
struct ContentOptions {
  static constexpr std::string_view kModel = "content";

  // How much the fields count in the similarity of two items. 0 leaves a field out.
  float genre_weight = 1;
  float title_weight = 0.3f;
  float tag_weight = 1;
  float text_weight = 1;
  float year_weight = 0.3f;
  bool stop_words = true;  // leaves out English words that say nothing of an item
  Stemming stemming = Stemming::none;
  float content_shrinkage = 10;  // of predicted ratings; L in src/models/content/content.hpp
  BiasOptions bias;
  // A .safetensors file of vectors of items, which take the place of the fields. Empty: none.
  std::string embeddings;
};

// How a network's output becomes a rating.
enum class NetworkOutput {
  linear,   // as it is
  sigmoid,  // squashed to the scale
};
std::string_view to_string(NetworkOutput output);  // "linear", "sigmoid"

// What of the items, beside their ratings, a network is given.
enum class ItemFeatures {
  none,
  genres,
  content,  // genres, the words of titles, tags and descriptions, years: as ContentOptions says
};
std::string_view to_string(ItemFeatures features);  // "none", "genres", "content"

// A neural network over embeddings of users and items; src/backend/neural_session.hpp has the
// formulas and their sources.
struct NeuralOptions {
  static constexpr std::string_view kModel = "neural";

  int factors = 64;           // numbers of an embedding
  std::string hidden = "64";  // outputs of the hidden layers, "128,64", or "none"
  bool biased = true;
  bool products = true;  // of the numbers of user and item, to the last layer
  NetworkOutput output = NetworkOutput::linear;
  float dropout = 0.5f;         // of the numbers that the first hidden layer sees
  float hidden_dropout = 0.3f;  // of the outputs of hidden layers
  Optimizer optimizer = Optimizer::adam;
  float learning_rate = 0.001f;
  float weight_decay = 0.0003f;
  int batch_size = 1024;
  float init_std = 0.03f;  // of the embeddings
  ItemFeatures item_features = ItemFeatures::none;
  std::string embeddings;  // a file of vectors of items, as in ContentOptions, for features
  Schedule schedule = Schedule::constant;
  std::optional<double> decay;
  // As in MfOptions, with 100 epochs at most and 3 without a lower error by default.
  std::optional<int> epochs;
  std::optional<int> early_stop;
  double holdout = 0.05;
  AfterStop after_stop = AfterStop::refit;

  int most_epochs() const { return epochs.value_or(100); }
  int patience() const { return early_stop.value_or(epochs ? 0 : 3); }
};

// Whose vectors are tied to whom or what they were rated by or have rated.
enum class RatingLinks {
  none,
  users,  // the users' to the items that they have rated
  items,  // the items' to the users who have rated them
  both,
};
std::string_view to_string(RatingLinks links);  // "none", "users", "items", "both"

// Bayesian matrix factorization by Gibbs sampling; src/backend/bayes_session.hpp has the model and
// its sources. A prediction is the mean over draws of the posterior.
struct BayesOptions {
  static constexpr std::string_view kModel = "bayes";

  int factors = 8;
  RatingLinks link = RatingLinks::both;
  // Whether a rating also has a bias of its user on its day and one of its item in its period:
  // Predictor::predict_at() uses the time of the rating that is predicted.
  bool time = false;
  int sweeps = 200;  // of a chain
  int burn_in = 50;  // of these, those that are not kept
  int chains = 2;
  // How many draws, of all chains together, the model keeps; 0 keeps factors that predict as their
  // mean does, which are one dot product and know no deviation.
  int draws = 250;
  // With a number of sweeps: an inner hold-out chooses how many sweeps there are, at most `sweeps`,
  // and the model is then sampled anew from all training ratings.
  int early_stop = 0;
  double holdout = 0.05;
};

// From how the most similar users rated the item.
struct UserKnnOptions : KnnOptions {
  static constexpr std::string_view kModel = "user-knn";
  using KnnOptions::KnnOptions;
};

// From how the user rated the most similar items.
struct ItemKnnOptions : KnnOptions {
  static constexpr std::string_view kModel = "item-knn";
  using KnnOptions::KnnOptions;
};

// The model of a hybrid that learns from who rated what.
enum class Collaborative {
  automatic,  // ease where its table of items x items is small, ials where it is not
  item_knn,
  mf,
  ease,
  ials,
};
// "auto", "item-knn", "mf", "ease", "ials"
std::string_view to_string(Collaborative collaborative);

// How a hybrid makes one list of those of its parts.
enum class Fusion {
  ranks,     // by reciprocal ranks in the collaborative and the content list
  exposure,  // by the collaborative score times the chance that the user likes the item
};
std::string_view to_string(Fusion fusion);  // "ranks", "exposure"

// A list for everyone: known users get the lists of a collaborative and another part, fused; users
// with very few ratings the content list; those without, popular items.
struct HybridOptions {
  static constexpr std::string_view kModel = "hybrid";

  Collaborative collaborative = Collaborative::automatic;
  // By default exposure with ease and ials, whose scores are no ratings, and ranks with the others
  // and of weights.
  std::optional<Fusion> fusion;

  // Fusion::ranks: an item of rank r in a list gets weight / (constant + r); ranks from 1 to depth
  // count.
  float collaborative_weight = 0.6f;
  float content_weight = 0.4f;
  float rank_constant = 60;
  int list_depth = 100;

  // Fusion::exposure: the score of an item is max(0, c) Phi((r - m) / s)^k with c its collaborative
  // score, r its rating as predicted by mf, a further part, and Phi the standard normal
  // distribution function: how much the user is exposed to it times how likely a rating above m is.
  std::optional<float> preference_middle;  // m; by default 3.5 on scales that end between 4 and 5
  float preference_spread = 0.9f;          // s, in standard deviations of the ratings
  float preference_power = 0.5f;           // k

  int collaborative_from = 3;  // users with fewer ratings get the content list alone
  // Users with fewer ratings are folded into mf from them; their trained factors know little.
  int fold_in_below = 20;

  // Of the parts. By default as they are best for lists: with exposure, which asks the rating model
  // whether an item will be liked, low ratings are nearly as good a sign of what will be seen.
  ItemKnnOptions item_knn = list_neighbours();
  MfOptions mf;
  EaseOptions ease = exposing_ease();
  IalsOptions ials = exposing_ials();
  ContentOptions content;
  PopularOptions popular;

  Fusion fused_by() const;
  // What `automatic` is for so many items.
  Collaborative learner(Index items) const;
  static ItemKnnOptions list_neighbours();
  static EaseOptions exposing_ease();
  static IalsOptions exposing_ials();
};

}  // namespace tusk
