#include "serving/open_model.hpp"

#include <utility>

namespace tusk {
namespace {

RecommendOptions ordered(const ListOrder& order, bool exclude_seen) {
  RecommendOptions options;
  options.order = order;
  options.exclude_seen = exclude_seen;
  return options;
}

}  // namespace

OpenModel::OpenModel(Device& device, std::shared_ptr<const Model> model, const ListOrder& order)
    : device_(device),
      model_(std::move(model)),
      candidates_(*model_),
      recommender_(device, model_, ordered(order, true)) {}

const Recommender& OpenModel::with_seen() const {
  std::call_once(with_seen_once_, [&] {
    with_seen_.emplace(device_, model_, ordered(recommender_.order(), false));
  });
  return *with_seen_;
}

const SimilarItems& OpenModel::similar() const {
  std::call_once(similar_once_, [&] {
    similar_.emplace(predictor(), *model_, candidates_);
    similar_options_ = usual_similar_options(*model_);
  });
  return *similar_;
}

const SimilarOptions& OpenModel::similar_options() const {
  similar();
  return similar_options_;
}

const TitleIndex& OpenModel::titles() const {
  std::call_once(titles_once_, [&] { titles_.emplace(model_->catalogue, candidates_.ratings()); });
  return *titles_;
}

}  // namespace tusk
