#include "models/priors.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <tusk/models.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

float damping_in(const Model& model, const std::string& key, float otherwise) {
  const auto found = model.metadata.find(key);
  const auto number = found == model.metadata.end() ? std::nullopt : parse_double(found->second);
  return number && *number >= 0 ? static_cast<float>(*number) : otherwise;
}

SparseMatrixOf sampled_ratings(const Model& model) {
  SparseMatrixOf matrix;
  matrix.columns = model.state().items;
  std::vector<SampledRating> sample = model.rating_sample;
  std::stable_sort(sample.begin(), sample.end(),
                   [](const auto& a, const auto& b) { return a.user < b.user; });
  auto next = sample.begin();
  for (Index user = 0; user < model.state().users; ++user) {
    for (; next != sample.end() && next->user == user; ++next) {
      matrix.column.push_back(next->item);
      matrix.value.push_back(next->rating);
    }
    matrix.offset.push_back(std::ssize(matrix.column));
  }
  return matrix;
}

FactorPriors estimate(const Model& model) {
  const CsrView seen = model.seen().view();
  std::vector<std::int64_t> of_users;
  for (Index user = 0; user < seen.rows(); ++user) of_users.push_back(std::ssize(seen.row(user)));
  const std::vector<std::int64_t> of_items = model.ratings_of_items();
  return estimate_priors(model.state(), {of_users, of_items}, sampled_ratings(model).view());
}

}  // namespace

std::shared_ptr<const FactorPriors> priors_of(const Model& model) {
  const MfState& state = model.state();
  if (auto kept = model.learned().priors()) return kept;
  auto priors = std::make_shared<FactorPriors>();
  if (state.factors > 0) {
    *priors = estimate(model);
  } else if (state.biased) {
    const BiasOptions usual;
    priors->item = damped_prior(damping_in(model, "item_damping", usual.item_damping));
    if (!model.algorithm().capabilities.one_list_for_all) {
      priors->user = damped_prior(damping_in(model, "user_damping", usual.user_damping));
    }
  }
  return priors;
}

}  // namespace tusk
