#include "backend/self_test.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <xxhash.h>

#include "backend/neural_session.hpp"
#include "cpu/cpu_backend.hpp"
#include "model/measure.hpp"
#include "model/similarity.hpp"
#include "model/transposed.hpp"
#include "support/philox.hpp"

namespace tusk {
namespace {

// One of each way that the kernels take: several users at a time, two, one, and rows in memory.
constexpr int kWidths[] = {1, 16, 40, 64, 100, 128, 200, 256, 300};
// Of rounding: parameters and scores are about 1.
constexpr double kTolerance = 1e-4;

class Bits {
 public:
  template <class Value>
  void add(const std::vector<Value>& values) {
    hash_ = XXH64(values.data(), values.size() * sizeof(Value), hash_);
  }
  void add(double value) { add(std::vector<double>{value}); }
  std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 0;
};

// Ratings from 0.5 to 5 in halves.
struct Ratings {
  std::vector<std::int64_t> offset = {0};
  std::vector<Index> item;
  std::vector<float> rating;
  std::vector<Label> label;  // 1 for every ninth, which is not trained on
  Index items = 0;

  CsrView view() const { return {offset, item, rating, items}; }
};

float draw_rating(RandomSequence& random) {
  return 0.5f * static_cast<float>(1 + random.below(10));
}

// User u rates item u only, so that the order of ratings does not matter.
Ratings commuting_ratings() {
  RandomSequence random(1, random_stream(RandomUse::synthetic));
  Ratings ratings;
  ratings.items = 60;
  for (Index user = 0; user < ratings.items; ++user) {
    ratings.item.push_back(user);
    ratings.rating.push_back(draw_rating(random));
    ratings.offset.push_back(user + 1);
  }
  ratings.label.assign(ratings.item.size(), 0);
  return ratings;
}

// About a quarter of all pairs of 90 users and 80 items.
Ratings many_ratings() {
  RandomSequence random(2, random_stream(RandomUse::synthetic));
  Ratings ratings;
  ratings.items = 80;
  for (Index user = 0; user < 90; ++user) {
    for (Index item = 0; item < ratings.items; ++item) {
      if (random.below(4) != 0) continue;
      ratings.item.push_back(item);
      ratings.rating.push_back(draw_rating(random));
      ratings.label.push_back(ratings.item.size() % 9 == 0 ? 1 : 0);
    }
    ratings.offset.push_back(std::ssize(ratings.item));
  }
  return ratings;
}

MfProblem problem_of(const Ratings& ratings, int factors) {
  MfParams params;
  params.factors = factors;
  params.user_learning_rate = 0.03f;
  params.item_learning_rate = 0.02f;
  params.bias_learning_rate = 0.01f;
  params.user_regularization = 0.05f;
  params.item_regularization = 0.08f;
  params.bias_regularization = 0.04f;
  params.init_std = 0.1f;
  params.seed = 11;
  LabelSet train;
  LabelSet validate;
  train.set(0);
  validate.set(1);
  return {ratings.view(), ratings.label, {0.5f, 5}, {{params, train, validate, 3}}};
}

// With two hidden layers, and with none.
NeuralProblem networks_of(const Ratings& ratings) {
  NeuralParams params;
  params.factors = 12;
  params.hidden = {20, 9};
  params.products = true;
  params.dropout = 0.1f;
  params.hidden_dropout = 0.2f;
  params.learning_rate = 0.01f;
  params.weight_decay = 0.001f;
  params.batch_size = 200;
  params.init_std = 0.1f;
  params.seed = 11;
  NeuralParams without_layers = params;
  without_layers.hidden = {};
  const MfFit labels = problem_of(ratings, 1).fits.front();
  NeuralProblem problem{ratings.view(), ratings.label, {0.5f, 5}, {}};
  for (const NeuralParams& one : {params, without_layers}) {
    problem.fits.push_back({one, labels.train, labels.validate, labels.mean});
  }
  return problem;
}

double predicted(const MfState& state, std::size_t user, std::size_t item) {
  const auto factors = static_cast<std::size_t>(state.factors);
  double sum = static_cast<double>(state.mean) + state.user_bias[user] + state.item_bias[item];
  for (std::size_t k = 0; k < factors; ++k) {
    sum += static_cast<double>(state.user_factors[user * factors + k]) *
           state.item_factors[item * factors + k];
  }
  return sum;
}

// The largest difference of a parameter after one epoch to what Koren, Bell and Volinsky's
// equations give from the same start, see model/sgd_update.hpp.
double difference_after_an_epoch(Backend& backend, const Ratings& ratings, int factors) {
  const MfProblem problem = problem_of(ratings, factors);
  const MfParams& params = problem.fits.front().params;
  const auto session = backend.open_mf(problem);
  const MfState before = session->state(0);
  session->run_epoch({{1.0f}});
  const MfState after = session->state(0);
  double largest = 0;
  const auto compare = [&](double value, double rate, double gradient, double regularization,
                           float found) {
    const double expected = value + rate * (gradient - regularization * value);
    const double difference = std::abs(expected - static_cast<double>(found));
    largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
  };
  for (std::size_t n = 0; n < ratings.rating.size(); ++n) {
    const double error = static_cast<double>(ratings.rating[n]) - predicted(before, n, n);
    compare(before.user_bias[n], params.bias_learning_rate, error, params.bias_regularization,
            after.user_bias[n]);
    compare(before.item_bias[n], params.bias_learning_rate, error, params.bias_regularization,
            after.item_bias[n]);
    const auto width = static_cast<std::size_t>(factors);
    for (std::size_t at = n * width; at < (n + 1) * width; ++at) {
      const double user = before.user_factors[at];
      const double item = before.item_factors[at];
      compare(user, params.user_learning_rate, error * item, params.user_regularization,
              after.user_factors[at]);
      compare(item, params.item_learning_rate, error * user, params.item_regularization,
              after.item_factors[at]);
    }
  }
  return largest;
}

std::string check_lists(Backend& backend, const MfState& state, const Ratings& ratings) {
  constexpr std::size_t kLength = 10;
  std::vector<Index> users(static_cast<std::size_t>(state.users));
  std::vector<Index> items(static_cast<std::size_t>(state.items));
  std::iota(users.begin(), users.end(), 0);
  std::iota(items.begin(), items.end(), 0);
  const CsrView rated = ratings.view();
  const TopK lists = backend.open_dot(state, items, rated)->query(users, kLength);
  for (std::size_t user = 0; user < users.size(); ++user) {
    const auto own = rated.row(users[user]);
    std::vector<double> best;
    for (std::size_t item = 0; item < items.size(); ++item) {
      if (std::binary_search(own.begin(), own.end(), items[item])) continue;
      best.push_back(predicted(state, user, item));
    }
    std::sort(best.rbegin(), best.rend());
    for (std::size_t n = 0; n < kLength; ++n) {
      const Index found = lists.index[user * kLength + n];
      const double score = lists.score[user * kLength + n];
      if (found == kNone || std::binary_search(own.begin(), own.end(), found) ||
          !(std::abs(score - best[n]) < kTolerance) ||
          !(std::abs(score - predicted(state, user, static_cast<std::size_t>(found))) <
            kTolerance)) {
        return fmt::format(
            "place {} of the list of a user is item {} with score {:.6f}, not {:.6f}", n + 1, found,
            score, best[n]);
      }
    }
  }
  return {};
}

// The similarity of two rows, by the formula alone.
template <template <int> class Sums>
double similarity_of(const NeighbourProblem& problem, Index a, Index b) {
  Sums<1> sums{};
  double squares[2] = {0, 0};
  const auto value = [&](Index row, std::size_t at, double& sum) {
    const auto begin = static_cast<std::size_t>(problem.rows.offset[static_cast<std::size_t>(row)]);
    const double v = problem.rows.value[begin + at];
    sum += v * v;
    return v;
  };
  const auto x = problem.rows.row(a);
  const auto y = problem.rows.row(b);
  for (std::size_t i = 0; i < x.size(); ++i) value(a, i, squares[0]);
  std::size_t i = 0;
  for (std::size_t j = 0; j < y.size(); ++j) {
    const double of_y = value(b, j, squares[1]);
    while (i < x.size() && x[i] < y[j]) ++i;
    const double held = i < x.size() && x[i] == y[j] ? 1 : 0;
    double unused = 0;
    const double of_x = held > 0 ? value(a, i, unused) : 0;
    sums.add(&of_x, &held, of_y);
  }
  return sums.similarity(0, squares[0], squares[1], problem.similarity);
}

std::string check_neighbours(Backend& backend, const Ratings& ratings, SelfTestBits* bits) {
  constexpr std::size_t kNearest = 8;
  // In the order of SimilarityMetric's measures.
  const auto plain = [](const NeighbourProblem& problem, Index a, Index b) {
    constexpr double (*kFormula[])(const NeighbourProblem&, Index, Index) = {
        similarity_of<WholeCosine>,     similarity_of<CountedCosine>,
        similarity_of<CoratedCosine>,   similarity_of<Pearson>,
        similarity_of<BaselinePearson>, similarity_of<MeanSquaredDifference>};
    return kFormula[static_cast<std::size_t>(measure_of(problem.similarity))](problem, a, b);
  };
  const Transposed columns(ratings.view());
  const std::vector<float> deviation(ratings.rating.size());
  std::vector<Index> rows(ratings.offset.size() - 1);
  std::iota(rows.begin(), rows.end(), 0);
  Bits hash;
  for (const SimilarityParams& similarity :
       {SimilarityParams{SimilarityMetric::cosine, 0, 1},
        SimilarityParams{SimilarityMetric::cosine, 10, 2},
        SimilarityParams{SimilarityMetric::cosine_corated, 0, 1},
        SimilarityParams{SimilarityMetric::pearson, 5, 2},
        SimilarityParams{SimilarityMetric::pearson_baseline, 5, 2},
        SimilarityParams{SimilarityMetric::msd, 0, 1}}) {
    const NeighbourProblem problem{ratings.view(), columns.view(), deviation, similarity};
    const TopK nearest = backend.open_similar(problem)->query(rows, kNearest);
    hash.add(nearest.index);
    hash.add(nearest.score);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      std::vector<double> best;
      for (const Index other : rows) {
        if (other != rows[row]) best.push_back(plain(problem, rows[row], other));
      }
      std::sort(best.rbegin(), best.rend());
      for (std::size_t n = 0; n < kNearest && best[n] > kTolerance; ++n) {
        const double found = nearest.score[row * kNearest + n];
        if (std::abs(found - best[n]) < kTolerance) continue;
        return fmt::format("neighbour {} of a row by {} has similarity {:.6f}, not {:.6f}", n + 1,
                           to_string(similarity.metric), found, best[n]);
      }
    }
  }
  if (bits != nullptr) bits->neighbours = hash.hash();
  return {};
}

}  // namespace

SelfTestBits expected_bits(std::string_view bits) {
  constexpr std::uint64_t kNeighbours = 0x866dcfd8340fbf11u;
  if (bits == "fma") return {0x0fcaf5be9b7828b6u, kNeighbours, 0xdc4b8cc34949eee3u};
  return {0x2dfae7a34c3b0ffau, kNeighbours, 0x65c3095ee49bfe7au};
}

std::string self_test_against_reference(Backend& backend, SelfTestBits* bits) {
  const Ratings commuting = commuting_ratings();
  const Ratings ratings = many_ratings();
  Bits hash;
  for (const int factors : kWidths) {
    const double difference = difference_after_an_epoch(backend, commuting, factors);
    if (!(difference < kTolerance)) {
      return fmt::format("training with {} factors differs from the definition by {:.2g}", factors,
                         difference);
    }
    constexpr std::size_t kEpochs = 5;
    const auto session = backend.open_mf(problem_of(ratings, factors));
    const auto errors = session->run_epochs(std::vector<float>(kEpochs, 1), 1, Validate::each);
    if (!(errors.back().train.sum < errors.front().train.sum)) {
      return fmt::format("training with {} factors does not lower the error", factors);
    }
    const MfState state = session->state(0);
    double squared = 0;
    ratings.view().each([&](Index user, std::size_t at) {
      if (ratings.label[at] == 0) return;
      const double prediction = predicted(state, static_cast<std::size_t>(user),
                                          static_cast<std::size_t>(ratings.item[at]));
      squared +=
          std::pow(static_cast<double>(ratings.rating[at]) - std::clamp(prediction, 0.5, 5.0), 2);
    });
    const double found = errors.back().validation.squared;
    if (!(std::abs(found - squared) < kTolerance * squared)) {
      return fmt::format("the validation error with {} factors is {:.6f}, not {:.6f}", factors,
                         found, squared);
    }
    std::string wrong = check_lists(backend, state, ratings);
    if (!wrong.empty()) return fmt::format("with {} factors {}", factors, wrong);
    for (const EpochErrors& e : errors) {
      hash.add(e.train.sum);
      hash.add(e.validation.squared);
    }
    hash.add(state.user_factors);
    hash.add(state.item_factors);
    hash.add(state.user_bias);
    hash.add(state.item_bias);
  }
  if (bits != nullptr) bits->training = hash.hash();
  std::string wrong = check_neighbours(backend, ratings, bits);
  if (wrong.empty()) wrong = self_test_of_dense(backend, ratings.view());
  std::uint64_t of_networks = 0;
  if (wrong.empty()) wrong = self_test_of_networks(backend, networks_of(ratings), of_networks);
  if (bits != nullptr) bits->networks = of_networks;
  if (wrong.empty()) wrong = self_test_of_bayes(backend, ratings.view());
  return wrong;
}

std::string self_test_of_cpu(Backend& backend) {
  SelfTestBits bits;
  std::string wrong = self_test_against_reference(backend, &bits);
  if (!wrong.empty()) return wrong;
  const SelfTestBits expected = expected_bits(backend.bits());
  const auto compare = [&](const char* what, std::uint64_t found, std::uint64_t right) {
    if (wrong.empty() && found != right) {
      wrong = fmt::format("the bits of {} are {:016x}, not {:016x}", what, found, right);
    }
  };
  compare("trained models", bits.training, expected.training);
  compare("similarities", bits.neighbours, expected.neighbours);
  compare("trained networks", bits.networks, expected.networks);
  return wrong;
}

std::vector<SelfTestResult> self_test_of(std::span<const KernelSet> sets) {
  std::vector<SelfTestResult> results;
  for (const KernelSet& set : sets) {
    if (!set.runs) continue;
    results.push_back({set.kernels->name, self_test_of_cpu(*make_cpu_backend(2, *set.kernels))});
  }
  return results;
}

}  // namespace tusk
