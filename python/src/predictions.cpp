#include "predictions.hpp"

#include <algorithm>
#include <limits>

#include "interrupts.hpp"

namespace tusk::python {
namespace {

struct PredictionColumns {
  std::vector<float> rating, score;
  std::vector<std::uint8_t> evidence;

  void reserve(std::size_t count) {
    rating.reserve(count);
    score.reserve(count);
    evidence.reserve(count);
  }
  void add(const std::vector<Prediction>& predictions) {
    for (const Prediction& prediction : predictions) {
      rating.push_back(prediction.rating);
      score.push_back(prediction.score);
      evidence.push_back(static_cast<std::uint8_t>(prediction.evidence));
    }
  }
};

// What `ask` tells of pairs, of some at a time: so Ctrl-C is heeded, and memory is that of some.
template <class Ask>
nb::tuple ask_in_blocks(const Predictor& predictor, const Pairs& pairs, const Ask& ask) {
  // One that names no limit has nothing to do but what each pair takes.
  constexpr std::int64_t kFew = 1 << 13, kMany = 1 << 16;
  const std::int64_t limit = predictor.pairs_at_once();
  const bool unlimited = limit == std::numeric_limits<std::int64_t>::max();
  const auto most = static_cast<std::size_t>(unlimited ? kFew : std::min(limit, kMany));
  const std::size_t size = pairs.user.size();
  Interrupts interrupts;
  PredictionColumns columns = without_gil(interrupts, [&] {
    PredictionColumns all;
    all.reserve(size);
    for (std::size_t begin = 0; begin < size; begin += most) {
      if (interrupts.asked()) throw Interrupted();
      all.add(ask(pairs.part(begin, std::min(most, size - begin))));
    }
    return all;
  });
  return nb::make_tuple(array_of(std::move(columns.rating)), array_of(std::move(columns.score)),
                        array_of(std::move(columns.evidence)));
}

}  // namespace

Pairs Pairs::part(std::size_t begin, std::size_t count) const {
  return {user.subspan(begin, count), item.subspan(begin, count),
          time.empty() ? time : time.subspan(begin, count)};
}

Pairs pairs_of(const Column<Index>& users, const Column<Index>& items, const Times& times) {
  return {span_of(users), span_of(items), times ? span_of(*times) : Pairs().time};
}

nb::tuple predictions_of(const Predictor& predictor, const Pairs& pairs) {
  return ask_in_blocks(predictor, pairs, [&](const Pairs& some) {
    return some.time.empty() ? predictor.predict(some.user, some.item)
                             : predictor.predict_at(some.user, some.item, some.time);
  });
}

nb::tuple ranks_of(const Predictor& predictor, RankBy by, const Pairs& pairs) {
  return ask_in_blocks(predictor, pairs,
                       [&](const Pairs& some) { return predictor.rank(by, some.user, some.item); });
}

nb::object deviations_of(const Predictor& predictor, const Pairs& pairs) {
  std::vector<float> deviations = unlocked([&] {
    return pairs.time.empty() ? predictor.deviations(pairs.user, pairs.item)
                              : predictor.deviations_at(pairs.user, pairs.item, pairs.time);
  });
  if (deviations.size() != pairs.user.size()) return nb::none();
  return array_of(std::move(deviations));
}

}  // namespace tusk::python
