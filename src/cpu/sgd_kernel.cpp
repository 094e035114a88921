// Training by stochastic gradient descent. Compiled several times, see isa_kernels.hpp.
//
// A user's factors stay in registers over a run of that user's ratings; an item's are read and
// written once a rating. The runs of several users are worked on side by side, so that the latency
// of one's dot product is hidden behind the work for the others. Rows are handled sixteen floats at
// a time by every instruction set, so the order of every sum is the same, and the source says which
// products are added without being rounded (see MultiplyAdd): instruction sets that can do so give
// the same bits, whatever the compiler and its options.

#include <type_traits>
#include <utility>  // for types only

#include "cpu/isa_kernels.hpp"
#include "cpu/lanes.hpp"

namespace tusk::TUSK_ISA {
namespace {

TUSK_HD Lanes* row_of(float* factors, Index row, int vectors) {
  return reinterpret_cast<Lanes*>(factors) + static_cast<std::ptrdiff_t>(row) * vectors;
}

TUSK_HD void prefetch_row(const float* factors, Index row, int vectors) {
  const float* const begin = factors + static_cast<std::ptrdiff_t>(row) * vectors * kLanes;
  for (int v = 0; v < vectors; ++v) __builtin_prefetch(begin + v * kLanes);
}

// The runs in their order, with two looks ahead: what is fetched early enough is there in time.
class RunQueue {
 public:
  TUSK_HD explicit RunQueue(const RunOrder& order)
      : order_(order), next_(order.first), left_(order.count) {
    soon_ = next_;
    for (int k = 0; k < 8; ++k) soon_ = after(soon_);
    later_ = soon_;
    for (int k = 0; k < 8; ++k) later_ = after(later_);
  }

  TUSK_HD const UserRun& take() {
    const UserRun& run = order_.runs[next_];
    next_ = after(next_);
    soon_ = after(soon_);
    later_ = after(later_);
    --left_;
    return run;
  }

  TUSK_HD std::size_t left() const { return left_; }
  // Eight runs after the next, and sixteen.
  TUSK_HD const UserRun& soon() const { return order_.runs[soon_]; }
  TUSK_HD const UserRun& later() const { return order_.runs[later_]; }

 private:
  TUSK_HD std::size_t after(std::size_t at) const {
    return at + order_.step < order_.count ? at + order_.step : at + order_.step - order_.count;
  }

  RunOrder order_;
  std::size_t next_;
  std::size_t soon_;
  std::size_t later_;
  std::size_t left_;
};

// The factors of a user whose run is being worked on: a copy in registers where there is room for
// it, and else the user's row, which stays in the first-level cache.
template <int Vectors>
class UserFactors {
 public:
  TUSK_HD void load(Lanes* row) {
    if constexpr (kUsersInRegisters) {
      for (int v = 0; v < Vectors; ++v) factors_[v] = row[v];
    } else {
      factors_ = row;
    }
  }
  TUSK_HD void store(Lanes* row) const {
    if constexpr (kUsersInRegisters) {
      for (int v = 0; v < Vectors; ++v) row[v] = factors_[v];
    }
  }

  TUSK_HD Lanes* row() { return factors_; }
  TUSK_HD const Lanes* row() const { return factors_; }

 private:
  std::conditional_t<kUsersInRegisters, Lanes[Vectors], Lanes*> factors_;
};

// A user whose run is being worked on.
template <int Vectors>
struct Slot {
  UserFactors<Vectors> factors;
  float bias;
  Index user;
  const Index* item;
  const float* rating;
  std::uint32_t left;
};

// How many users are worked on side by side: as many as fit into the registers, for every
// instruction set alike, because the result depends on it.
constexpr int users_at_once(int vectors) { return vectors <= 4 ? 4 : vectors <= 8 ? 2 : 1; }

template <int Vectors>
TUSK_HD float dot(const Lanes* a, const Lanes* b) {
  Lanes even{};
  Lanes odd{};
#pragma GCC unroll 8
  for (int v = 0; v < Vectors; v += 2) {
    even = kMultiplyAdd(a[v], b[v], even);
    if (v + 1 < Vectors) odd = kMultiplyAdd(a[v + 1], b[v + 1], odd);
  }
  return sum_of(even + odd);
}

// The step on one rating, whose user and item have this dot product. Returns the error before it.
TUSK_HD float step(const SgdModel& model, const SgdRates& rates, Lanes* user, float& user_bias,
                   Index item, float rating, float product, int vectors) {
  const float error = rating - (model.mean + user_bias + model.item_bias[item] + product);
  user_bias = sgd_bias(user_bias, error, rates.bias, kMultiplyAdd);
  model.item_bias[item] = sgd_bias(model.item_bias[item], error, rates.bias, kMultiplyAdd);
  const float user_step = rates.user.step * error;
  const float item_step = rates.item.step * error;
  Lanes* const item_row = row_of(model.item_factors, item, vectors);
#pragma GCC unroll 16
  for (int v = 0; v < vectors; ++v) {
    const Lanes old_user = user[v];
    const Lanes old_item = item_row[v];
    user[v] = sgd_factor(old_user, old_item, rates.user.keep, user_step, kMultiplyAdd);
    item_row[v] = sgd_factor(old_item, old_user, rates.item.keep, item_step, kMultiplyAdd);
  }
  return error;
}

TUSK_HD double square(float error) {
  return static_cast<double>(error) * static_cast<double>(error);
}

// Rows of `Vectors` vectors; one slot for each number S.
template <int Vectors, int... S>
double sgd_in_registers(const SgdModel& given_model, const SgdRates& given_rates,
                        const RunOrder& order, const Index* item, const float* rating,
                        std::integer_sequence<int, S...>) {
  constexpr int kSlots = sizeof...(S);
  // Copies, which no store to a row can change.
  const SgdModel model = given_model;
  const SgdRates rates = given_rates;
  Slot<Vectors> slots[kSlots];
  RunQueue queue(order);
  double squared_error = 0;

  const auto load = [&](Slot<Vectors> & slot) __attribute__((always_inline)) {
    const UserRun& run = queue.take();
    slot.factors.load(row_of(model.user_factors, run.user, Vectors));
    slot.bias = model.user_bias[run.user];
    slot.user = run.user;
    slot.item = item + run.first;
    slot.rating = rating + run.first;
    slot.left = run.count;
    // What later runs will need.
    const UserRun& ahead = queue.soon();
    __builtin_prefetch(&queue.later());
    prefetch_row(model.user_factors, ahead.user, Vectors);
    __builtin_prefetch(&model.user_bias[ahead.user]);
    __builtin_prefetch(item + ahead.first);
    __builtin_prefetch(rating + ahead.first);
  };
  const auto store = [&](const Slot<Vectors>& slot) __attribute__((always_inline)) {
    slot.factors.store(row_of(model.user_factors, slot.user, Vectors));
    model.user_bias[slot.user] = slot.bias;
  };
  const auto predict = [&](const Slot<Vectors>& slot) __attribute__((always_inline)) {
    prefetch_row(model.item_factors, slot.item[kLookahead], Vectors);
    return dot<Vectors>(slot.factors.row(), row_of(model.item_factors, *slot.item, Vectors));
  };
  const auto update = [&](Slot<Vectors> & slot, float product) __attribute__((always_inline)) {
    squared_error += square(step(model, rates, slot.factors.row(), slot.bias, *slot.item++,
                                 *slot.rating++, product, Vectors));
  };
  // False if there is no further run for the slot.
  const auto renew = [&](Slot<Vectors> & slot, std::uint32_t done) __attribute__((always_inline)) {
    slot.left -= done;
    if (slot.left > 0) return true;
    store(slot);
    if (queue.left() == 0) return false;
    load(slot);
    return true;
  };

  if (queue.left() >= kSlots) {
    (load(slots[S]), ...);
    bool full = true;
    while (full) {
      std::uint32_t together = slots[0].left;
      ((together = slots[S].left < together ? slots[S].left : together), ...);
      for (std::uint32_t k = 0; k < together; ++k) {
        const float product[kSlots] = {predict(slots[S])...};
        (update(slots[S], product[S]), ...);
      }
      ((full = renew(slots[S], together) && full), ...);
    }
  } else {
    ((slots[S].left = 0), ...);
  }
  // The rest, one user after another.
  const auto finish = [&](Slot<Vectors> & slot) __attribute__((always_inline)) {
    if (slot.left == 0) return;
    while (slot.left > 0) {
      update(slot, predict(slot));
      --slot.left;
    }
    store(slot);
  };
  (finish(slots[S]), ...);
  while (queue.left() > 0) {
    load(slots[0]);
    finish(slots[0]);
  }
  return squared_error;
}

// Rows too long for registers.
double sgd_in_memory(const SgdModel& model, const SgdRates& rates, const RunOrder& order,
                     const Index* item, const float* rating) {
  const int vectors = model.vectors;
  double squared_error = 0;
  for (RunQueue queue(order); queue.left() > 0;) {
    const UserRun& run = queue.take();
    Lanes* const user = row_of(model.user_factors, run.user, vectors);
    float user_bias = model.user_bias[run.user];
    for (std::uint32_t k = 0; k < run.count; ++k) {
      const Index i = item[run.first + k];
      const Lanes* const item_row = row_of(model.item_factors, i, vectors);
      Lanes products{};
      for (int v = 0; v < vectors; ++v) products = kMultiplyAdd(user[v], item_row[v], products);
      squared_error += square(
          step(model, rates, user, user_bias, i, rating[run.first + k], sum_of(products), vectors));
    }
    model.user_bias[run.user] = user_bias;
  }
  return squared_error;
}

using Sgd = decltype(CpuKernels::sgd);

template <int Vectors>
double sgd_of_width(const SgdModel& model, const SgdRates& rates, const RunOrder& order,
                    const Index* item, const float* rating) {
  return sgd_in_registers<Vectors>(model, rates, order, item, rating,
                                   std::make_integer_sequence<int, users_at_once(Vectors)>());
}

// Rows of up to 256 floats have a loop for each length.
template <int... Before>
Sgd choose_sgd(int vectors, std::integer_sequence<int, Before...>) {
  Sgd chosen = sgd_in_memory;
  ((vectors == Before + 1 ? void(chosen = sgd_of_width<Before + 1>) : void()), ...);
  return chosen;
}

}  // namespace

double sgd(const SgdModel& model, const SgdRates& rates, const RunOrder& order, const Index* item,
           const float* rating) {
  const Sgd chosen = choose_sgd(model.vectors, std::make_integer_sequence<int, 16>());
  return chosen(model, rates, order, item, rating);
}

ErrorSums validation_errors(const SgdModel& model, RatingScale scale, const Index* user,
                            const Index* item, const float* rating, std::size_t count) {
  double squared = 0;
  double absolute = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const Lanes* const user_row = row_of(model.user_factors, user[k], model.vectors);
    const Lanes* const item_row = row_of(model.item_factors, item[k], model.vectors);
    Lanes products{};
    for (int v = 0; v < model.vectors; ++v) {
      products = kMultiplyAdd(user_row[v], item_row[v], products);
    }
    float predicted =
        model.mean + model.user_bias[user[k]] + model.item_bias[item[k]] + sum_of(products);
    predicted = predicted < scale.low ? scale.low : predicted;
    predicted = predicted > scale.high ? scale.high : predicted;
    const double error = static_cast<double>(rating[k]) - static_cast<double>(predicted);
    squared += error * error;
    absolute += error < 0 ? -error : error;
  }
  return {static_cast<std::int64_t>(count), squared, absolute};
}

}  // namespace tusk::TUSK_ISA
