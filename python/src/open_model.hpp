// A trained model as Python holds it: opened for use when it is first used.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "binding.hpp"

namespace tusk::python {

// Any number of threads may use it at a time.
class OpenModel {
 public:
  OpenModel(Model model, DeviceOptions device)
      : model_(std::make_shared<const Model>(std::move(model))), options_(std::move(device)) {}

  const Model& model() const { return *model_; }
  std::shared_ptr<const Model> shared() const { return model_; }
  Device& device();
  std::shared_ptr<const Predictor> predictor();
  // Lists by these options; `key` tells options from others.
  std::shared_ptr<const Recommender> recommender(const std::string& key,
                                                 const RecommendOptions& options);
  std::shared_ptr<const SimilarItems> similar();
  std::shared_ptr<const TitleIndex> titles();

 private:
  Device& opened();  // with the mutex held

  std::shared_ptr<const Model> model_;
  const DeviceOptions options_;
  std::mutex mutex_;
  std::unique_ptr<Device> device_;  // before what borrows it
  std::shared_ptr<const Predictor> predictor_;
  std::map<std::string, std::shared_ptr<const Recommender>> recommenders_;
  std::shared_ptr<const SimilarItems> similar_;
  std::shared_ptr<const TitleIndex> titles_;
};

}  // namespace tusk::python
