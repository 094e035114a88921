// Prediction by the k nearest neighbours: of a user among users, or of an item among items.
//
// "Rows" are what is compared and "columns" what it is compared by: users and items for user-knn,
// items and users for item-knn.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <tusk/types.hpp>

namespace tusk {

// What is compared.
enum class KnnRows { users, items };

// How alike two rows are. Columns that both rows hold are "co-rated"; n is their number. A
// similarity that its formula leaves undefined (a row of zeros, a constant row) is 0.
enum class SimilarityMetric {
  cosine,            // of whole rows, where a missing value is 0
  centered_cosine,   // the same, each row's mean subtracted from its values
  cosine_corated,    // cosine over the co-rated columns alone
  pearson,           // correlation over the co-rated columns
  msd,               // 1 / (1 + mean squared difference over the co-rated columns)
  pearson_baseline,  // cosine over the co-rated columns of the ratings less the bias model's
};

struct SimilarityParams {
  SimilarityMetric metric = SimilarityMetric::cosine;
  // s: similarities are multiplied by n / (n + s), those of pearson_baseline, whose first co-rated
  // column tells nothing, by (n - 1) / (n - 1 + s) (Koren: "Factor in the Neighbors", 2010, 2.2).
  float shrinkage = 0;
  int min_support =
      1;  // fewer co-rated columns make a similarity 0; at least 2 for pearson_baseline
  // a: a cosine of whole rows x and y, x the one whose neighbours are sought, is
  // xy / (|x|^2a |y|^(2 - 2a)) (Aiolli: "Efficient Top-N Recommendation for Very Large Scale Binary
  // Rated Datasets", 2013, section 3.2). 0.5 is the plain cosine; with less, large rows y are the
  // less similar.
  float asymmetry = 0.5f;

  auto operator<=>(const SimilarityParams&) const = default;
};

// As in Surprise: shrinkage 100 for pearson_baseline, none for the others.
SimilarityParams default_similarity(SimilarityMetric metric);

// What is averaged over the neighbours, and what that mean is added to.
enum class Centring {
  none,       // ratings
  mean,       // ratings less their row's mean; the row's mean
  z_score,    // the same in units of the row's standard deviation
  baseline,   // ratings less the bias model's prediction; the bias model's prediction
  user_mean,  // ratings less their user's mean; the user's mean
};

// Which neighbours a prediction of a row and a column averages over. Equally similar neighbours are
// taken by falling number of ratings; among equal numbers, items are ordered by the users who rated
// them and users by their index.
enum class NeighbourPolicy {
  raters,     // the k most similar of all rows that hold the column
  table,      // those that hold the column among the k most similar rows, found once in training
  automatic,  // raters for ratings; for RankBy::sum as table, which is found when it is needed
};

inline constexpr int kMostNeighbours = 100'000;

// Only neighbours with a similarity above 0 count.
struct KnnParams {
  SimilarityParams similarity;
  Centring centring = Centring::mean;
  int neighbours = 40;     // k, 1 .. kMostNeighbours
  int min_neighbours = 1;  // with fewer the prediction is what their mean would be added to
  NeighbourPolicy policy = NeighbourPolicy::automatic;
  // L: a prediction is its centre plus the sum of similarity times deviation over the sum of
  // similarities plus L. 0 is the plain weighted mean, as in Surprise, whose weights add up to 1
  // however little the neighbours are alike; with more the prediction stays the nearer to the
  // centre the less similarity there is to go by, which Bell and Koren ask for ("Scalable
  // Collaborative Filtering with Jointly Derived Neighborhood Interpolation Weights", 2007; Koren:
  // "Factor in the Neighbors", 2010, 2.2).
  float weight_shrinkage = 0;
  // If given, RankBy::sum and SimilarityMetric::cosine take 1 for a rating of `relevance` or more
  // and this for one below, from 0 to 1, in place of the rating. Predicted ratings are of ratings
  // still. Not for NeighbourPolicy::raters.
  std::optional<float> low_weight;
  float relevance = 0;

  auto operator<=>(const KnnParams&) const = default;
};

// "cosine", "centered-cosine", "cosine-corated", "pearson", "msd", "pearson-baseline"; "none",
// "mean", "z-score", "baseline", "user-mean"; "raters", "table", "auto". The parsers throw
// UsageError.
std::string_view to_string(SimilarityMetric metric);
std::string_view to_string(Centring centring);
std::string_view to_string(NeighbourPolicy policy);
SimilarityMetric parse_similarity_metric(std::string_view text);
Centring parse_centring(std::string_view text);
NeighbourPolicy parse_neighbour_policy(std::string_view text);

// Whether it is a cosine of whole rows: cosine and centered_cosine.
bool of_whole_rows(SimilarityMetric metric);

// Whether the parameters need the bias model.
bool needs_baseline(const KnnParams& params);

// For each row its most similar other rows, in falling order of similarity; of equally similar ones
// those with more ratings first.
struct NeighbourTable {
  Index rows = 0;
  int k = 0;
  std::vector<Index> neighbour;   // [rows, k], kNone where a row has fewer
  std::vector<float> similarity;  // [rows, k], 0 there, else above 0

  bool operator==(const NeighbourTable&) const = default;
};

// What a neighbour model knows besides the bias model (or mean) that it falls back on.
struct KnnState {
  KnnParams params;
  std::vector<float> rating;  // one for each of the model's seen items, in their order
  NeighbourTable table;       // empty but for NeighbourPolicy::table
};

}  // namespace tusk
