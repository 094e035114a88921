// How far predictions are from ratings.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
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

// How true the deviations of predictions are. A rating is taken to be normally distributed, with
// the predicted rating for its mean and the deviation that goes with it.
struct Calibration {
  // The probabilities of central intervals.
  static constexpr std::array kLevels = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99};

  std::int64_t count = 0;
  std::array<std::int64_t, kLevels.size()> within = {};  // ratings in the interval of each level
  // Sum of the continuous ranked probability scores, in units of ratings; lower is better, and for
  // a prediction without deviation it is the absolute error (Gneiting, Raftery: "Strictly Proper
  // Scoring Rules, Prediction, and Estimation", 2007, section 4.2).
  double ranked_probability = 0;
  double deviations = 0;  // sum

  void add(double error, double deviation);
  Calibration& operator+=(const Calibration& other);

  // All are NaN if count is 0.
  double coverage(std::size_t level) const { return mean(static_cast<double>(within[level])); }
  double coverage_50() const { return coverage(4); }
  double coverage_90() const { return coverage(8); }
  double crps() const { return mean(ranked_probability); }
  double mean_deviation() const { return mean(deviations); }

 private:
  double mean(double sum) const { return sum / static_cast<double>(count); }
};

// What tables and JSON have of a calibration.
struct CalibrationFigure {
  const char* heading;
  const char* key;
  double (Calibration::*value)() const;
  bool is_share;  // shown in percent; else in units of ratings
};
inline constexpr std::array<CalibrationFigure, 4> kCalibrationFigures = {
    {{"in 50%", "coverage_50", &Calibration::coverage_50, true},
     {"in 90%", "coverage_90", &Calibration::coverage_90, true},
     {"CRPS", "crps", &Calibration::crps, false},
     {"deviation", "mean_deviation", &Calibration::mean_deviation, false}}};
// "90.2%", "0.4873"; "-" for NaN.
std::string calibration_text(const CalibrationFigure& figure, double value);

struct RatingMetrics {
  bool has_errors = true;  // false of a model that predicts no ratings: all sums are empty
  ErrorSums all;
  std::array<ErrorSums, kEvidenceKinds> by_evidence;  // indexed by Evidence
  ErrorsByCount by_user_ratings;
  ErrorsByCount by_item_ratings;
  Calibration calibration;  // empty where the model knows no deviations

  RatingMetrics& operator+=(const RatingMetrics& other);
};

// Ratings to be predicted, by a model's indices; kNone where the model lacks the id.
struct RatingList {
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<float> rating;
  std::vector<std::int64_t> row = {};   // of each in the data, from match_ratings()
  std::vector<std::int64_t> time = {};  // seconds since 1970 or kNoTime; empty: none has a time

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

// Every rating counts: one of an unknown user or item is predicted by what is known, and at its
// time (Predictor::predict_at()). A model that predicts no ratings has no errors.
RatingMetrics evaluate(Device& device, const Model& model, const RatingList& ratings);
// evaluate() of the test part of the model's own data. Users who are folded in are judged by lists
// alone: there are no errors.
RatingMetrics evaluate_part(Device& device, const Model& model, const Dataset& data,
                            const HeldOutPart& part);

}  // namespace tusk
