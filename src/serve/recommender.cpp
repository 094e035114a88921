#include <algorithm>

#include <fmt/format.h>

#include <tusk/error.hpp>
#include <tusk/predict.hpp>
#include <tusk/recommend.hpp>

#include "serve/best_items.hpp"

namespace tusk {
namespace {

constexpr int kMostRecommendations = 1'000'000;

[[noreturn]] void unknown_user(const Model& model, std::string_view id) {
  const IdMap& users = model.users;
  const std::string known = users.size() == 0 ? ""
                                              : fmt::format(" (it knows {} .. {})", users.id(0),
                                                            users.id(users.size() - 1));
  throw InputError(
      fmt::format("user {} has no training ratings in this model{}, so any list would be somebody "
                  "else's. Train on data with this user's ratings, or check the id",
                  id, known));
}

}  // namespace

Recommender::Recommender(Backend& backend, const Model& model) : backend_(backend), model_(model) {
  for (Index item = 0; item < model.state().items; ++item) {
    if (model.knows_item(item)) candidates_.push_back(item);
  }
  session_ = backend.open_dot(model.state(), candidates_, model.seen().view());
}

std::vector<Recommendation> Recommender::recommend(std::string_view user_id, int k) {
  if (k < 1 || k > kMostRecommendations) {
    throw UsageError(
        fmt::format("{} recommendations asked for; it must be 1 to {}", k, kMostRecommendations));
  }
  const auto user = model_.users.find(user_id);
  if (!user || !model_.knows_user(*user)) {
    if (model_.kind() != ModelKind::popular) unknown_user(model_, user_id);
    return recommend_to_anyone(k);
  }
  const int most = std::min(k, static_cast<int>(candidates_.size()));
  const TopK top = session_->query({&*user, 1}, most);
  std::vector<Recommendation> list;
  for (std::size_t r = 0; r < top.index.size() && top.index[r] != kNone; ++r) {
    const Prediction prediction = model_.predict(*user, top.index[r]);
    list.push_back({top.index[r], top.score[r], prediction.rating, prediction.evidence});
  }
  return list;
}

std::vector<Recommendation> Recommender::recommend_to_anyone(int k) {
  const std::vector<Index> nobody(candidates_.size(), kNone);
  const auto predictions = predict(backend_, model_, nobody, candidates_);
  std::vector<Recommendation> list;
  for (const std::size_t place : best_items(candidates_, predictions, k)) {
    const Prediction& prediction = predictions[place];
    list.push_back({candidates_[place], prediction.score, prediction.rating, prediction.evidence});
  }
  return list;
}

}  // namespace tusk
