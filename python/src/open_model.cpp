#include "open_model.hpp"

namespace tusk::python {

Device& OpenModel::opened() {
  if (!device_) device_ = open_device(options_);
  return *device_;
}

Device& OpenModel::device() {
  const std::lock_guard lock(mutex_);
  return opened();
}

std::shared_ptr<const Predictor> OpenModel::predictor() {
  const std::lock_guard lock(mutex_);
  if (!predictor_) predictor_ = open_model(opened(), model_);
  return predictor_;
}

std::shared_ptr<const Recommender> OpenModel::recommender(const std::string& key,
                                                          const RecommendOptions& options) {
  constexpr std::size_t kMostKept = 8;
  const std::lock_guard lock(mutex_);
  const auto found = recommenders_.find(key);
  if (found != recommenders_.end()) return found->second;
  auto made = std::make_shared<const Recommender>(opened(), model_, options);
  if (recommenders_.size() >= kMostKept) recommenders_.clear();
  recommenders_.emplace(key, made);
  return made;
}

std::shared_ptr<const SimilarItems> OpenModel::similar() {
  const std::lock_guard lock(mutex_);
  if (!similar_) similar_ = std::make_shared<const SimilarItems>(opened(), *model_);
  return similar_;
}

std::shared_ptr<const TitleIndex> OpenModel::titles() {
  const std::lock_guard lock(mutex_);
  if (!titles_) {
    titles_ = std::make_shared<const TitleIndex>(model_->catalogue, model_->ratings_of_items());
  }
  return titles_;
}

}  // namespace tusk::python
