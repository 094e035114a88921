// A weighted sum of the predictions of several models.
#pragma once

#include <string>
#include <string_view>

#include <tusk/train_options.hpp>

namespace tusk {

// A rating is predicted as a constant plus the sum of weights times the parts' predictions. The
// weights are found on predictions of ratings that the predicting models were not trained on: each
// part is trained once for every one of some inner folds of the training ratings, and then on all
// of them (stacked regression: Breiman, 1996; Töscher, Jahrer, Bell: "The BigChaos Solution to the
// Netflix Grand Prize", 2009).
struct BlendOptions {
  static constexpr std::string_view kModel = "blend";

  // The parts, separated by commas: the name of a model, and its parameters, each behind a colon:
  // "bayes:factors=16,item-knn:k=60".
  std::string parts = "bayes,item-knn";
  int inner_folds = 5;
  // How many ratings' worth the weights are drawn to one over the number of parts: ridge
  // regression.
  double ridge = 100;
};

}  // namespace tusk
