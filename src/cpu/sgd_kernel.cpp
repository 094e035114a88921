// Compiled several times, each with the flags of one instruction set, into the namespace that
// TUSK_ISA names. It calls no inline function of a library: the linker could take this copy of it
// for a processor that cannot run it.
//
// A user's factors stay in registers over a run of that user's ratings; an item's are read and
// written once a rating. The vector type is sixteen floats wide for every instruction set, so the
// order of every sum is the same, and no sum has two products (see sgd_update.hpp): instruction
// sets that fuse multiplications with additions give the same bits.

#include "cpu/kernels.hpp"

#define TUSK_QUOTE(name) #name
#define TUSK_NAME(name) TUSK_QUOTE(name)

namespace tusk::TUSK_ISA {
namespace {

using Lanes = float __attribute__((vector_size(64)));
using Half = float __attribute__((vector_size(32)));
using Quarter = float __attribute__((vector_size(16)));
constexpr int kFloats = 16;

struct Halves {
  Half low, high;
};
struct Quarters {
  Quarter low, high;
};

TUSK_HD float sum_of(Lanes lanes) {
  const auto halves = __builtin_bit_cast(Halves, lanes);
  const auto quarters = __builtin_bit_cast(Quarters, halves.low + halves.high);
  const Quarter q = quarters.low + quarters.high;
  return (q[0] + q[2]) + (q[1] + q[3]);
}

TUSK_HD Lanes* row_of(float* factors, Index row, int vectors) {
  return reinterpret_cast<Lanes*>(factors) + static_cast<std::ptrdiff_t>(row) * vectors;
}

// `Vectors` vectors a row, or as many as model.vectors says if it is 0.
template <int Vectors>
double sgd(const SgdModel& model, const SgdRates& rates, const UserRun* runs, std::size_t run_count,
           const Index* item, const float* rating) {
  const int vectors = Vectors > 0 ? Vectors : model.vectors;
  double squared_error = 0;
  for (std::size_t r = 0; r < run_count; ++r) {
    const UserRun& run = runs[r];
    Lanes* const user_row = row_of(model.user_factors, run.user, vectors);
    Lanes user_registers[Vectors > 0 ? Vectors : 1];
    Lanes* const user = Vectors > 0 ? user_registers : user_row;
    if constexpr (Vectors > 0) {
      for (int v = 0; v < vectors; ++v) user[v] = user_row[v];
    }
    float user_bias = model.user_bias[run.user];
    for (std::uint32_t k = 0; k < run.count; ++k) {
      const Index i = item[run.first + k];
      Lanes* const item_row = row_of(model.item_factors, i, vectors);
      Lanes products{};
      for (int v = 0; v < vectors; ++v) products += user[v] * item_row[v];
      const float predicted = model.mean + user_bias + model.item_bias[i] + sum_of(products);
      const float error = rating[run.first + k] - predicted;
      squared_error += static_cast<double>(error) * static_cast<double>(error);
      user_bias = sgd_bias(user_bias, error, rates.bias);
      model.item_bias[i] = sgd_bias(model.item_bias[i], error, rates.bias);
      const float user_step = rates.user.step * error;
      const float item_step = rates.item.step * error;
      for (int v = 0; v < vectors; ++v) {
        const Lanes old_user = user[v];
        user[v] = sgd_factor(old_user, item_row[v], rates.user.keep, user_step);
        item_row[v] = sgd_factor(item_row[v], old_user, rates.item.keep, item_step);
      }
    }
    if constexpr (Vectors > 0) {
      for (int v = 0; v < vectors; ++v) user_row[v] = user[v];
    }
    model.user_bias[run.user] = user_bias;
  }
  return squared_error;
}

using Sgd = decltype(CpuKernels::sgd);

// Row lengths up to 256 floats, each with its own loop.
template <int... Vectors>
Sgd choose_sgd(int vectors) {
  Sgd chosen = sgd<0>;
  ((vectors == Vectors ? void(chosen = sgd<Vectors>) : void()), ...);
  return chosen;
}

double sgd_any(const SgdModel& model, const SgdRates& rates, const UserRun* runs,
               std::size_t run_count, const Index* item, const float* rating) {
  const Sgd chosen =
      choose_sgd<1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16>(model.vectors);
  return chosen(model, rates, runs, run_count, item, rating);
}

double squared_error(const SgdModel& model, RatingScale scale, const Index* user, const Index* item,
                     const float* rating, std::size_t count) {
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const Lanes* const user_row = row_of(model.user_factors, user[k], model.vectors);
    const Lanes* const item_row = row_of(model.item_factors, item[k], model.vectors);
    Lanes products{};
    for (int v = 0; v < model.vectors; ++v) products += user_row[v] * item_row[v];
    float predicted =
        model.mean + model.user_bias[user[k]] + model.item_bias[item[k]] + sum_of(products);
    predicted = predicted < scale.low ? scale.low : predicted;
    predicted = predicted > scale.high ? scale.high : predicted;
    const double error = static_cast<double>(rating[k]) - static_cast<double>(predicted);
    sum += error * error;
  }
  return sum;
}

}  // namespace

extern const CpuKernels kKernels;
const CpuKernels kKernels = {TUSK_NAME(TUSK_ISA), sgd_any, squared_error};

}  // namespace tusk::TUSK_ISA
