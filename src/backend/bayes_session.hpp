// Gibbs sampling of Bayesian matrix factorization, which is Backend::open_bayes().
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tusk/types.hpp>

#include "backend/backend.hpp"

namespace tusk {

// With x_u = [factors of user u, bias of u], of length d = factors + 1, and y_i likewise of item i,
//   value(u, i) ~ N(<x_u, y_i> over the factors + both biases, 1 / alpha)
//   x_u ~ N(m + B' f_u, L^-1),  B ~ matrix normal with mean 0: rows N(0, (b L)^-1)
// with f_u the user's row of features, if there are any; items likewise, with m, B, L, b of their
// own. Hyper-priors, all conjugate: L ~ Wishart(d + 1) with the mean precision kPriorPrecision,
// m ~ N(0, (kPseudoCount L)^-1), b and alpha ~ Gamma(1, 1). (Salakhutdinov, Mnih: "Bayesian
// Probabilistic Matrix Factorization using Markov Chain Monte Carlo", 2008, with biases inside the
// vectors; Simm et al.: "Macau: Scalable Bayesian Factorization with Side Information", 2015.)
//
// Ratings of a row may be in groups: those of a user on one day, those of an item in one period. A
// rating then also has a bias of its user's group and one of its item's,
//   bias of a group ~ N(0, 1 / tau),  tau ~ Gamma(1, 1)
// with one tau for the users and one for the items.
//
// A sweep draws, for the items and for the users, (m, L) given the vectors and B, then b and B
// given the vectors, B by one linear solve with injected noise; then every vector of the items with
// the biases of its groups in one block (the vector with these integrated out, then they given the
// vector) and tau, those of the users, and alpha.
struct BayesParams {
  int factors = 0;
  std::uint64_t seed = 0;
  int chains = 1;  // that are sampled side by side, each from a start of its own
};

inline constexpr double kPriorPrecision = 10;
inline constexpr double kPseudoCount = 2;
inline constexpr double kInitialNoisePrecision = 1.2;
inline constexpr double kInitialBiasPrecision = 10;  // tau

// Groups of one side's ratings, by row and numbered through. Everything is borrowed.
struct RatingGroups {
  std::span<const std::int64_t> offset;  // [rows + 1], of each row's groups; empty: there are none
  std::span<const Index> of_rating;  // in the order of BayesProblem::ratings; kNone: in no group
};

// Everything is borrowed.
struct BayesProblem {
  CsrView ratings;        // values of about unit variance around 0
  CsrView user_features;  // users x any number, with values; without rows if there are none
  CsrView item_features;
  RatingGroups user_groups;
  RatingGroups item_groups;
  BayesParams params;
};

// What the vectors of one side are drawn from.
struct BayesPrior {
  std::vector<float> mean;       // [d]
  std::vector<float> precision;  // [d, d]
};

// What the ratings of groups are drawn from beside vectors; empty without groups.
struct GroupBiases {
  std::vector<float> bias;  // by group
  double precision = 0;     // tau
};

// One draw of the posterior. Vectors of users and items without ratings are drawn from their prior.
struct BayesDraw {
  std::vector<float> user;  // [users, d]: factors, bias
  std::vector<float> item;  // [items, d]
  double alpha = 0;
  BayesPrior user_prior;
  BayesPrior item_prior;
  std::vector<float> user_links;  // B of users, [features, d]; empty without
  GroupBiases user_groups;
  GroupBiases item_groups;
};

// What a sweep leaves.
struct BayesSweep {
  double squared_error = 0;  // over the ratings, of the last draw
  double alpha = 0;
};

// What a chain goes on from: all else is drawn anew.
struct BayesChainSide {
  std::vector<float> vectors;        // [rows, d]
  double link_precision = 1;         // b
  std::vector<float> linked;         // X B, [rows, d]; nothing without links
  std::vector<double> link_scatter;  // B'B, [d, d]
  GroupBiases groups;
};
struct BayesChain {
  double alpha = 0;
  BayesChainSide users;
  BayesChainSide items;
};

class BayesSession {
 public:
  virtual ~BayesSession() = default;

  // One sweep of each chain.
  virtual std::vector<BayesSweep> run_sweep() = 0;
  // As of the last sweep. Links, which take longer than all else, only if they are wanted.
  virtual std::vector<BayesDraw> draw(std::span<const int> chains, bool with_links) const = 0;

  // What a chain goes on from, and going on after so many sweeps from such states of all chains,
  // with the bits that the next sweep would have had.
  virtual BayesChain chain(int chain) const = 0;
  virtual void restore(std::uint64_t sweeps, std::span<const BayesChain> chains) = 0;
};

}  // namespace tusk
