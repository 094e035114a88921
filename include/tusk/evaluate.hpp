// How far predictions are from ratings.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <tusk/backend.hpp>
#include <tusk/dataset.hpp>
#include <tusk/model.hpp>
#include <tusk/types.hpp>

namespace tusk {

struct RatingMetrics {
  ErrorSums all;
  std::array<ErrorSums, kEvidenceKinds> by_evidence;  // indexed by Evidence
};

// Ratings to be predicted, by a model's indices; kNone where the model lacks the id.
struct RatingList {
  std::vector<Index> user;
  std::vector<Index> item;
  std::vector<float> rating;

  std::size_t size() const { return rating.size(); }
};

// The ratings of `data` whose label is in `part`, for a model of that data.
RatingList select_ratings(const Dataset& data, std::span<const Label> label, const LabelSet& part);

// The ratings of `data`, which need not be what the model was trained on: those of an item by a
// user that were in the model's training part (`seen`), those that were not, or all.
enum class Part { unseen, seen, all };
RatingList match_ratings(const Model& model, const Dataset& data, Part part);

// Every rating counts: one of an unknown user or item is predicted by what is known.
RatingMetrics evaluate(Backend& backend, const Model& model, const RatingList& ratings);

}  // namespace tusk
