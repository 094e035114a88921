#include "models/bayes/bayes.hpp"

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "models/bayes/bayes_state.hpp"

namespace tusk {
namespace {

class Bayes : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {
        std::string(BayesOptions::kModel),
        "Bayesian matrix factorization by Gibbs sampling",
        {"bpmf", "macau", "bayesian-mf"},
        {.compares_items = true, .resumes = true, .step = "sweep", .knows_deviations = true},
        bayes_parameters()};
    return info;
  }
  std::any defaults() const override { return BayesOptions(); }

  void check(const TrainOptions& options) const override {
    const auto& own = options.as<BayesOptions>();
    if (own.burn_in >= own.sweeps) {
      throw ParameterError("burn-in", fmt::format("is {}; it must be below {}, which is {}",
                                                  own.burn_in, option_name("sweeps"), own.sweeps));
    }
    if (own.time && own.draws == 0) {
      throw ParameterError("time",
                           fmt::format("needs draws, of which the model keeps biases of days "
                                       "and periods: {} is 0",
                                       option_name("draws")));
    }
  }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    return load_bayes(reader, std::move(base), seen);
  }

  MfMemory plan(const FitContext& context, const TrainOptions& options,
                std::span<const LabelSet> train) const override {
    return plan_bayes_fit(context, options, train.front());
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions& options,
                             std::span<const LabelSet> train) const override {
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      results.push_back(fit_bayes(context, options, part, results.size()));
      // Of several models all or none are trained.
      if (results.back().interrupted && train.size() > 1) throw Interrupted();
    }
    return results;
  }
};

}  // namespace

const Algorithm& bayes_algorithm() {
  static const Bayes algorithm;
  return algorithm;
}

}  // namespace tusk
