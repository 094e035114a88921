#include "models/bias/bias.hpp"

#include <algorithm>

#include <tusk/models.hpp>

#include "models/bias/bias_parameters.hpp"
#include "models/metadata_options.hpp"
#include "train/bias_model.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

// Models that are fitted one after another.
class SimpleAlgorithm : public DotAlgorithm {
 public:
  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(context.label, part);
      result.state = make_dot_state(
          info().name,
          fit_part(context, options, part, mean_rating(context.data, context.label, part)));
      add_metadata(options, result.metadata);
    }
    return results;
  }

 private:
  virtual MfState fit_part(const FitContext& context, const TrainOptions& options,
                           const LabelSet& part, float mean) const = 0;
};

class MeanAlgorithm : public SimpleAlgorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {"mean", "the mean of all ratings", {}, {}, {}};
    return info;
  }
  std::any defaults() const override { return MeanOptions(); }

 private:
  MfState fit_part(const FitContext& context, const TrainOptions&, const LabelSet&,
                   float mean) const override {
    return fit_mean(context.data, mean);
  }
  bool has(const MfState& state) const override { return !state.biased && state.factors == 0; }
};

class BiasAlgorithm : public SimpleAlgorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = [] {
      ParameterTable<BiasOptions> table(kDampedMeans);
      add_dampings(
          table, [](auto& options) -> auto& { return options; });
      return AlgorithmInfo{"bias", "damped means of users and items", {}, {}, table.take()};
    }();
    return info;
  }
  std::any defaults() const override { return BiasOptions(); }

 private:
  MfState fit_part(const FitContext& context, const TrainOptions& options, const LabelSet& part,
                   float mean) const override {
    return fit_bias(context.data, context.label, part, mean, options.as<BiasOptions>());
  }
  bool has(const MfState& state) const override { return state.biased && state.factors == 0; }
};

class PopularAlgorithm : public SimpleAlgorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = [] {
      ParameterTable<PopularOptions> table(kDampedMeans);
      set_damping_range(
          table.add("item-damping", TUSK_OPTION(item_damping), from(0), kItemDampingHelp));
      return AlgorithmInfo{
          "popular",
          "damped means of items, for all users alike; of weights the numbers of users",
          {},
          {.one_list_for_all = true},
          table.take()};
    }();
    return info;
  }
  std::any defaults() const override { return PopularOptions(); }

 private:
  MfState fit_part(const FitContext& context, const TrainOptions& options, const LabelSet& part,
                   float mean) const override {
    return fit_popular(context.data, context.label, part, mean,
                       options.as<PopularOptions>().item_damping);
  }
  bool has(const MfState& state) const override {
    return state.biased && state.factors == 0 &&
           std::all_of(state.user_bias.begin(), state.user_bias.end(),
                       [](float bias) { return bias == 0; });
  }
};

}  // namespace

const Algorithm& mean_algorithm() {
  static const MeanAlgorithm algorithm;
  return algorithm;
}

const Algorithm& bias_algorithm() {
  static const BiasAlgorithm algorithm;
  return algorithm;
}

const Algorithm& popular_algorithm() {
  static const PopularAlgorithm algorithm;
  return algorithm;
}

}  // namespace tusk
