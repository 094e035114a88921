#include "serving/user_ratings.hpp"

#include <cstddef>

namespace tusk {

UserRatings ratings_of_user(const Model& model, const Predictor& predictor, Index user) {
  const CsrView seen = model.seen().view();
  UserRatings ratings;
  ratings.item = seen.row(user);
  const auto first = static_cast<std::ptrdiff_t>(seen.offset[static_cast<std::size_t>(user)]);
  if (const auto kept = model.ratings().value; !kept.empty()) {
    ratings.rating.assign(kept.begin() + first, kept.begin() + first + std::ssize(ratings.item));
    return ratings;
  }
  ratings.predicted = true;
  const std::vector<Index> users(ratings.item.size(), user);
  for (const Prediction& prediction : predictor.predict(users, ratings.item)) {
    ratings.rating.push_back(prediction.score);  // the clipped one is not what was learned
  }
  return ratings;
}

}  // namespace tusk
