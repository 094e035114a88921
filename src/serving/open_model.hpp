// A model that is opened for answers of every kind: lists, comparisons, searches of titles.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include <tusk/candidate_index.hpp>
#include <tusk/device.hpp>
#include <tusk/list_order.hpp>
#include <tusk/model.hpp>
#include <tusk/recommend.hpp>
#include <tusk/similar.hpp>
#include <tusk/title_index.hpp>

namespace tusk {

// Any number of threads may use it at a time. What is needed by few requests is made when it is
// first asked for.
class OpenModel {
 public:
  // The device is borrowed. Throws what Recommender throws.
  OpenModel(Device& device, std::shared_ptr<const Model> model, const ListOrder& order);

  const Model& model() const { return *model_; }
  const Predictor& predictor() const { return recommender_.predictor(); }
  const CandidateIndex& candidates() const { return candidates_; }
  const Recommender& recommender() const { return recommender_; }
  // The same of lists that may have what the user has rated.
  const Recommender& with_seen() const;
  // Throws UsageError for a model that compares no items.
  const SimilarItems& similar() const;
  // usual_similar_options() of the model.
  const SimilarOptions& similar_options() const;
  const TitleIndex& titles() const;

 private:
  Device& device_;
  std::shared_ptr<const Model> model_;
  CandidateIndex candidates_;
  Recommender recommender_;
  mutable std::once_flag with_seen_once_;
  mutable std::optional<Recommender> with_seen_;
  mutable std::once_flag similar_once_;
  mutable std::optional<SimilarItems> similar_;
  mutable SimilarOptions similar_options_;
  mutable std::once_flag titles_once_;
  mutable std::optional<TitleIndex> titles_;
};

}  // namespace tusk
