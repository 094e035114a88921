// Which ratings the models of a session train on and validate on.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "backend/backend.hpp"
#include "support/thread_pool.hpp"

namespace tusk {

inline constexpr std::size_t kLabels = LabelSet().size();

// The labels that some model trains on.
LabelSet trained_on(const std::vector<MfFit>& fits);

// The labels that some model validates on.
LabelSet validated_on(const std::vector<MfFit>& fits);

// Models that train on the same labels.
struct FitPart {
  LabelSet train;
  LabelSet validate;  // the labels that some of them validate on
};

// One for each training part, in the order of the models.
std::vector<FitPart> fit_parts(const std::vector<MfFit>& fits);

// Whether all models train on the same labels. Those that do not have to look at the label of every
// rating.
bool same_part(const std::vector<MfFit>& fits);

// How many ratings have each label.
std::array<std::int64_t, kLabels> count_labels(std::span<const Label> label);

// How many ratings have a label in `part`.
std::int64_t count_part(const std::array<std::int64_t, kLabels>& count, const LabelSet& part);

// Ratings to validate on, in order of label and then of user.
struct ValidationRatings {
  std::vector<std::int64_t> offset;  // by label; one more at the end
  std::vector<Index> user;           // rows
  std::vector<Index> item;           // rows
  std::vector<float> rating;
};

// `user_row` and `item_row` say where the parameters of a user and an item are; empty if rows are
// numbered as users and items are.
ValidationRatings gather_validation(CsrView ratings, std::span<const Label> label,
                                    const LabelSet& validated, std::span<const Index> user_row,
                                    std::span<const Index> item_row, ThreadPool& threads);

}  // namespace tusk
