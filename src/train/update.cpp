#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/models.hpp>
#include <tusk/train.hpp>
#include <tusk/update.hpp>

#include "backend/backend.hpp"
#include "model/transposed.hpp"
#include "models/dot_predictor.hpp"
#include "train/merged_ratings.hpp"
#include "train/warm_epochs.hpp"

namespace tusk {
namespace {

// The state under the merged ids, with zeros for whom it does not know.
MfState widened(const MfState& state, const MergedRatings& merged) {
  MfState wide;
  wide.users = merged.users.ids.size();
  wide.items = merged.items.ids.size();
  wide.factors = state.factors;
  wide.biased = state.biased;
  wide.mean = state.mean;
  const auto move = [](const std::vector<float>& from, const std::vector<Index>& to,
                       std::size_t width, Index size) {
    std::vector<float> rows(static_cast<std::size_t>(size) * width, 0);
    for (std::size_t i = 0; i < to.size(); ++i) {
      std::copy_n(from.data() + i * width, width,
                  rows.data() + static_cast<std::size_t>(to[i]) * width);
    }
    return rows;
  };
  const auto factors = static_cast<std::size_t>(state.factors);
  wide.user_factors = move(state.user_factors, merged.users.of_model, factors, wide.users);
  wide.item_factors = move(state.item_factors, merged.items.of_model, factors, wide.items);
  if (state.biased) {
    wide.user_bias = move(state.user_bias, merged.users.of_model, 1, wide.users);
    wide.item_bias = move(state.item_bias, merged.items.of_model, 1, wide.items);
  }
  return wide;
}

// Folds the rows of one side into a state, from `before`, by their ratings of those of the other
// side that `usable` has. A row of `old` has what its vector was learned from.
class SideFolding {
 public:
  SideFolding(Backend& backend, const MfState& before, MfState& state, const FactorPrior& prior,
              Side side)
      : backend_(backend), before_(before), state_(state), side_(side), prior_(state, prior, side) {}

  void fold(const CsrView& old, const CsrView& fresh, const std::vector<bool>& usable,
            bool new_only) {
    if (prior_.size() == 0) return;
    // Each writes its own row, and reads the other side.
    backend_.parallel_for(fresh.rows(), [&](std::int64_t at) {
      const auto row = static_cast<Index>(at);
      if (fresh.row(row).empty() || (new_only && !old.row(row).empty())) return;
      std::vector<Index> others;
      std::vector<float> ratings;
      const auto first = static_cast<std::size_t>(fresh.offset[static_cast<std::size_t>(row)]);
      for (std::size_t k = 0; k < fresh.row(row).size(); ++k) {
        const Index other = fresh.row(row)[k];
        if (!usable[static_cast<std::size_t>(other)]) continue;
        others.push_back(other);
        ratings.push_back(fresh.value[first + k]);
      }
      if (old.row(row).empty()) {
        put(row, prior_.fold(others, ratings));
      } else if (!others.empty()) {
        put(row, prior_.after(vector_of(row), old.row(row)).fold(others, ratings));
      }
    });
  }

 private:
  std::vector<float> vector_of(Index row) const {
    const auto r = static_cast<std::size_t>(row);
    const auto factors = static_cast<std::size_t>(before_.factors);
    const auto& all = side_ == Side::user ? before_.user_factors : before_.item_factors;
    const auto& bias = side_ == Side::user ? before_.user_bias : before_.item_bias;
    std::vector<float> vector(all.data() + r * factors, all.data() + (r + 1) * factors);
    if (before_.biased) vector.push_back(bias[r]);
    return vector;
  }

  void put(Index row, const std::vector<float>& vector) {
    const auto r = static_cast<std::size_t>(row);
    const auto factors = static_cast<std::size_t>(state_.factors);
    auto& all = side_ == Side::user ? state_.user_factors : state_.item_factors;
    auto& bias = side_ == Side::user ? state_.user_bias : state_.item_bias;
    std::copy_n(vector.begin(), factors, all.data() + r * factors);
    if (state_.biased) bias[r] = vector[factors];
  }

  Backend& backend_;
  const MfState& before_;
  MfState& state_;
  Side side_;
  FoldIn prior_;
};

std::vector<bool> with_entries(const CsrView& matrix) {
  std::vector<bool> with;
  for (Index row = 0; row < matrix.rows(); ++row) with.push_back(!matrix.row(row).empty());
  return with;
}

// Users by the items that are known, new items by all users, and users by all items.
MfState fold_all(Backend& backend, const Model& model, const MergedRatings& merged,
                 const UpdateReport& report) {
  const auto priors = priors_of(model);
  const MfState before = widened(model.state(), merged);
  MfState state = before;
  const CsrView old = merged.old.view();
  const CsrView fresh = merged.fresh.view();
  const Transposed old_items(old);
  const Transposed fresh_items(fresh);
  const std::vector<bool> known_items = with_entries(old_items.view());
  SideFolding users(backend, before, state, priors->user, Side::user);
  users.fold(old, fresh, known_items, false);
  // Biases alone are cheap and gain by every rating.
  const bool all_items = state.factors == 0;
  if (!all_items && report.new_items == 0) return state;
  const std::vector<bool> all_users(static_cast<std::size_t>(state.users), true);
  SideFolding items(backend, before, state, priors->item, Side::item);
  items.fold(old_items.view(), fresh_items.view(), all_users, !all_items);
  const std::vector<bool> any_item(static_cast<std::size_t>(state.items), true);
  users.fold(old, fresh, any_item, false);
  return state;
}

// The options that a model was trained with; a file of an earlier version has them one by one.
TrainOptions options_of(const Model& model) {
  if (const auto kept = model.options()) return *kept;
  TrainOptions options(model.algorithm().name);
  for (const Parameter& parameter : model.algorithm().parameters) {
    const auto found = model.metadata.find(parameter.key());
    if (found != model.metadata.end()) options.set_text(parameter.name, found->second);
  }
  return options;
}

std::shared_ptr<const ModelState> train_again(Backend& backend, const Model& model,
                                              const MergedRatings& merged) {
  Dataset data;
  data.users = merged.users.ids;
  data.items = merged.items.ids;
  data.offset = merged.all.offset;
  data.item = merged.all.column;
  data.rating = merged.all.value;
  data.scale = model.scale();
  const std::vector<Label> label(data.rating.size(), 0);
  const LabelSet part = only(0);
  return fit(backend, data, label, {&part, 1}, options_of(model)).front().state;
}

Popularity updated(const Model& model, const MergedRatings& merged) {
  Popularity popularity;
  const std::vector<float>& before = model.popularity.rating;
  if (before.empty()) return popularity;
  const auto items = static_cast<std::size_t>(merged.items.ids.size());
  const double damping = PopularOptions().item_damping;
  std::vector<double> count(items, damping);
  std::vector<double> rating(items, model.state().mean);
  popularity.trend.assign(model.popularity.trend.empty() ? 0 : items, 1);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto place = static_cast<std::size_t>(merged.items.of_model[i]);
    rating[place] = before[i];
    if (!popularity.trend.empty()) popularity.trend[place] = model.popularity.trend[i];
  }
  for (const Index item : merged.old.column) count[static_cast<std::size_t>(item)] += 1;
  for (std::size_t k = 0; k < merged.fresh.column.size(); ++k) {
    const auto item = static_cast<std::size_t>(merged.fresh.column[k]);
    count[item] += 1;
    rating[item] += (merged.fresh.value[k] - rating[item]) / count[item];
  }
  popularity.rating.assign(rating.begin(), rating.end());
  return popularity;
}

std::map<std::string, std::string> updated_metadata(const Model& model,
                                                    const UpdateReport& report,
                                                    std::size_t ratings) {
  std::map<std::string, std::string> metadata = model.metadata;
  // What was measured and hashed is no longer of this model.
  std::erase_if(metadata, [](const auto& entry) {
    return entry.first == "ratings_hash" || entry.first.starts_with("test_") ||
           entry.first.starts_with("ranking");
  });
  metadata["training_ratings"] = fmt::format("{}", ratings);
  std::int64_t joined = report.ratings;
  if (const auto earlier = metadata.find("updated_ratings"); earlier != metadata.end()) {
    joined += std::strtoll(earlier->second.c_str(), nullptr, 10);
  }
  metadata["updated_ratings"] = fmt::format("{}", joined);
  return metadata;
}

}  // namespace

Model update_model(Device& device, const Model& model, const Dataset& data,
                   const UpdateOptions& options, UpdateReport* report) {
  Backend& backend = backend_of(device);
  UpdateReport counted;
  const MergedRatings merged = merge_ratings(model, data, counted);
  if (options.epochs > 0 && model.state().factors == 0) {
    throw UsageError(fmt::format("epochs are for models with factors; {} has none",
                                 model.algorithm().name));
  }
  std::shared_ptr<const ModelState> learned;
  if (!model.ratings().value.empty()) {
    learned = train_again(backend, model, merged);
  } else {
    MfState state = fold_all(backend, model, merged, counted);
    if (options.epochs > 0) {
      warm_epochs(backend, state, merged.fresh.view(), model.metadata, options.epochs);
    }
    const auto priors = state.factors > 0 ? priors_of(model) : nullptr;
    learned = make_dot_state(model.algorithm().name, std::move(state), priors);
  }
  SeenItems seen{merged.all.offset, merged.all.column, merged.all.columns};
  const std::size_t ratings = seen.item.size();
  Model result(std::move(learned), std::move(seen), model.scale());
  result.popularity = updated(model, merged);
  result.metadata = updated_metadata(model, counted, ratings);
  for (const SampledRating& sampled : model.rating_sample) {
    result.rating_sample.push_back(
        {merged.users.of_model[static_cast<std::size_t>(sampled.user)],
         merged.items.of_model[static_cast<std::size_t>(sampled.item)], sampled.rating});
  }
  result.users = merged.users.ids;
  result.items = merged.items.ids;
  result.catalogue = merged.catalogue;
  if (report != nullptr) *report = counted;
  return result;
}

}  // namespace tusk
