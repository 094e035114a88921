// EASE (Steck: "Embarrassingly Shallow Autoencoders for Sparse Data", 2019), with the dropout of
// EDLAE (Steck: "Autoencoders that don't overfit towards the Identity", 2020): a linear model of
// every item by all others, in closed form. With X the weights of interactions, users x items,
//   G = X'X, A = G + diag(l + p / (1 - p) G_jj), P = A^-1,
//   B_ij = -P_ij / P_jj, B_jj = 0, scores of a user x B,
// where l is the regularization and p the dropout.
#pragma once

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& ease_algorithm();

}  // namespace tusk
