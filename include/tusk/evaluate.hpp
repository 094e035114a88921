// How far predictions are from ratings.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <tusk/dataset.hpp>
#include <tusk/device.hpp>
#include <tusk/model.hpp>
#include <tusk/types.hpp>

namespace tusk {

// Users, or items, by how many training ratings they have: bin b from kCountBins[b] up to the next.
inline constexpr std::array<std::int64_t, 15> kCountBins = {
    0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1'000, 2'000, 5'000, 10'000, 20'000};
using ErrorsByCount = std::array<ErrorSums, kCountBins.size()>;

struct RatingMetrics {
  bool has_errors = true;  // false of a model that predicts no ratings: all sums are empty
  ErrorSums all;
  std::array<ErrorSums, kEvidenceKinds> by_evidence;  // indexed by Evidence
  ErrorsByCount by_user_ratings;
  ErrorsByCount by_item_ratings;

  RatingMetrics& operator+=(const RatingMetrics& other);
};

// How true the deviations of predictions are. A rating is taken to be normally distributed, with
// the predicted rating for its mean and the deviation that goes with it.
struct Calibration {
  std::int64_t count = 0;
  // Ratings within the central interval of this probability.
  std::int64_t within_50 = 0;
  std::int64_t within_90 = 0;
  // Sum of the continuous ranked probability scores, in units of ratings; lower is better, and for
  // a prediction without deviation it is the absolute error (Gneiting, Raftery: "Strictly Proper
  // Scoring Rules, Prediction, and Estimation", 2007, section 4.2).
  double ranked_probability = 0;

  void add(double error, double deviation);

  // NaN if count is 0.
  double coverage_50() const { return share(within_50); }
  double coverage_90() const { return share(within_90); }
  double crps() const { return ranked_probability / static_cast<double>(count); }

 private:
  double share(std::int64_t within) const {
    return static_cast<double>(within) / static_cast<double>(count);
  }
};

// Ratings to be predicted, by a model's indices; kNone where the model lacks the id.
struct RatingList {
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<float> rating;
  std::vector<std::int64_t> row = {};  // of each in the data, from match_ratings()

  std::size_t size() const { return rating.size(); }
};

// The ratings of `data` whose label is in `part`, for a model of that data.
RatingList select_ratings(const Dataset& data, std::span<const Label> label, const LabelSet& part);

// The users that a split by users holds out.
struct HeldOutUsers {
  std::vector<Index> user;  // of the data, in rising order
  SparseMatrixOf fold_in;   // a row each, by the data's items, with values
  RatingList test;          // with the numbers of rows for users
};
HeldOutUsers held_out_users(const Dataset& data, std::span<const Label> label,
                            const LabelSet& fold_in, const LabelSet& test);

// The ratings of `data`, which need not be what the model was trained on: those of an item by a
// user that were in the model's training part (`seen`), those that were not, or all.
enum class Part { unseen, seen, all };
Part parse_part(std::string_view text);  // by these names; throws UsageError
RatingList match_ratings(const Model& model, const Dataset& data, Part part);

// A part of the data that a model is measured on.
struct HeldOutPart {
  std::span<const Label> label;  // one per rating
  LabelSet test;
  LabelSet fold_in = {};  // of a split by users; else empty
};

// Every rating counts: one of an unknown user or item is predicted by what is known. A model that
// predicts no ratings has no errors.
RatingMetrics evaluate(Device& device, const Model& model, const RatingList& ratings);
// Of a model that knows no deviations, of none.
Calibration calibrate(Device& device, const Model& model, const RatingList& ratings);
// evaluate() of the test part of the model's own data. Users who are folded in are judged by lists
// alone: there are no errors.
RatingMetrics evaluate_part(Device& device, const Model& model, const Dataset& data,
                            const HeldOutPart& part);

}  // namespace tusk
