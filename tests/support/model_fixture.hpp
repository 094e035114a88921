// Small models, written by hand.
#pragma once

#include <tusk/knn.hpp>
#include <tusk/model.hpp>

namespace tusk::test {

// Users a, b, c, items 10, 20, 30, 40, two factors, mean 3, scale 1 .. 5. User c (2) and item 40
// (3) have no training rating. User b's item 20 scores beyond 5, item 30 below 1.
Model small_model();

// The same users, items and biases as an item-knn model with baseline centring. Items 10, 20 and 30
// are alike.
Model small_knn_model(NeighbourPolicy policy);

}  // namespace tusk::test
