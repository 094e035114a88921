#include "models/slope_one/slope_one.hpp"

#include <utility>

#include <tusk/model.hpp>
#include <tusk/models.hpp>

#include "model/model_tensors.hpp"
#include "models/slope_one/slope_one_predictor.hpp"
#include "train/bias_model.hpp"
#include "train/items_of_part.hpp"
#include "train/rating_moments.hpp"

namespace tusk {
namespace {

class SlopeOneState : public ModelState {
 public:
  SlopeOneState(MfState mean, std::vector<float> ratings)
      : ModelState(std::move(mean)), ratings_(std::move(ratings)) {}

  const AlgorithmInfo& algorithm() const override { return slope_one_algorithm().info(); }
  std::span<const float> ratings() const override { return ratings_; }
  void save(SafetensorsWriter& writer) const override { write_ratings(writer, ratings_); }
  std::unique_ptr<const Predictor> open(Backend& backend, const Model& model) const override {
    return std::make_unique<SlopeOnePredictor>(backend, model);
  }

 private:
  std::vector<float> ratings_;
};

class SlopeOne : public Algorithm {
 public:
  const AlgorithmInfo& info() const override {
    static const AlgorithmInfo info = {std::string(SlopeOneOptions::kModel),
                                       "mean differences between items",
                                       {"slopeone"},
                                       {},
                                       {}};
    return info;
  }
  std::any defaults() const override { return SlopeOneOptions(); }

  std::shared_ptr<const ModelState> load(const SafetensorsReader& reader, MfState base,
                                         const SeenItems& seen) const override {
    check_format(!base.biased && base.factors == 0,
                 "it does not have the tensors of its kind of model");
    return std::make_shared<SlopeOneState>(std::move(base), read_ratings(reader, seen.item.size()));
  }

  std::vector<FitResult> fit(const FitContext& context, const TrainOptions&,
                             std::span<const LabelSet> train) const override {
    std::vector<FitResult> results;
    for (const LabelSet& part : train) {
      FitResult& result = results.emplace_back();
      result.ratings = count_ratings(context.label, part);
      result.state = std::make_shared<SlopeOneState>(
          fit_mean(context.data, mean_rating(context.data, context.label, part)),
          ratings_of_part(context.data, context.label, part));
    }
    return results;
  }
};

}  // namespace

const Algorithm& slope_one_algorithm() {
  static const SlopeOne algorithm;
  return algorithm;
}

}  // namespace tusk
