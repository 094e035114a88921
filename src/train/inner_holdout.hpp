// The part of the training ratings that a training stops by.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/dataset.hpp>

namespace tusk {

// The labels that a model trains on and those of its inner hold-out.
struct TrainingPart {
  LabelSet train;
  LabelSet holdout;
};

// The labels with a random fraction of the ratings marked as of the inner hold-out.
std::vector<Label> with_holdout(std::span<const Label> label, double fraction, std::uint64_t seed);

// Each of `train` in the labels that with_holdout() gave. Throws InputError if one of a part's two
// halves has no ratings.
std::vector<TrainingPart> divide_all(const Dataset& data, std::span<const Label> label,
                                     std::span<const LabelSet> train);

}  // namespace tusk
