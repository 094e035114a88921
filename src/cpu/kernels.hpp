// The inner loops of training, top-K and similarity, compiled once for each instruction set. What
// they share with other code is plain data and formulas that are always inlined (see TUSK_HD).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <tusk/types.hpp>

#include "algebra/network_kernels.hpp"
#include "cpu/als_kernel.hpp"
#include "cpu/gibbs_kernel.hpp"
#include "cpu/lane_count.hpp"
#include "cpu/rating_blocks.hpp"
#include "cpu/similarity_kernel.hpp"
#include "model/sgd_update.hpp"

namespace tusk {

// The parameters of one model in training. Rows of factors are as in FactorRows.
struct SgdModel {
  float* user_factors = nullptr;
  float* item_factors = nullptr;
  float* user_bias = nullptr;
  float* item_bias = nullptr;
  int vectors = 0;  // of kLanes floats in a row
  float mean = 0;
};

// Runs first, first + step, first + 2 step, ... modulo count, which step has no divisor in common
// with: all of them, in an order that costs no memory.
struct RunOrder {
  const UserRun* runs = nullptr;
  std::size_t count = 0;
  std::size_t first = 0;
  std::size_t step = 1;
};

// What top-K scores at a time: panels of items by groups of users, with one row for each factor.
inline constexpr int kPanelItems = 32;
inline constexpr int kGroupUsers = 12;

struct alignas(64) PanelRow {
  float item[kPanelItems] = {};
};

// A factor of a panel's items, rounded.
struct alignas(32) ByteRow {
  signed char item[kPanelItems] = {};
};

struct GroupRow {
  float user[kGroupUsers] = {};
};

// A score beyond the threshold of its user.
struct Passing {
  float score;
  int user;  // in the groups
  int item;  // in the panel
};

struct CpuKernels {
  const char* name;  // of the instruction set
  bool fused;  // whether products are added unrounded; sets that agree in it give the same bits

  // Trains on the runs in their order, where item[run.first + k], rating[run.first + k] is rating k
  // of a run; behind the last item there are kLookahead more rows that could be one. Returns the
  // sum of the squared errors, each before its update.
  double (*sgd)(const SgdModel& model, const SgdRates& rates, const RunOrder& order,
                const Index* item, const float* rating);

  // The errors of predictions clipped to the scale.
  ErrorSums (*validation_errors)(const SgdModel& model, RatingScale scale, const Index* user,
                                 const Index* item, const float* rating, std::size_t count);

  // Scores bias + dot product for a panel of items, [factors] rows, and groups of users, [groups,
  // factors] rows. Writes those beyond their user's threshold, [groups * kGroupUsers], to
  // `passing`, which has room for all, and returns how many; a user's ascend by item. A score is
  // one sum over the factors in their order, whatever else is scored at the same time.
  std::size_t (*score_panel)(const PanelRow& bias, const PanelRow* items, const GroupRow* users,
                             int factors, int groups, const float* threshold, Passing* passing);
  // The dot products of a user's factors with those of the items of some panels, [panels, factors]
  // rows; to `scores`, [panels * kPanelItems].
  void (*score_bytes)(const ByteRow* items, const float* user, int factors, std::size_t panels,
                      float* scores);
  // One for each measure.
  const SimilarityKernel* similarity;
  const AlsKernel* als;
  // Draws kLanes vectors. A lane's do not depend on the others'.
  void (*draw_vectors)(const GibbsRows& rows);
  NetworkKernels network;
};

// As Backend::bits().
inline const char* bits_of(const CpuKernels& kernels) { return kernels.fused ? "fma" : "baseline"; }

// What a build has of kernels, and what this processor can run of it.
struct KernelSet {
  const CpuKernels* kernels;
  const char* needs;  // of the processor, in words; nothing if every processor can run it
  bool runs;          // on this processor
  bool automatic;     // false: taken only where its name is given
};

// Slowest first. "wide" is the source of "avx512" in AVX2 code, there for tests.
std::span<const KernelSet> kernel_sets();

// The set of that name, or for "auto" the fastest that this processor can run. Throws UsageError
// for a name that no processor has kernels of, and DeviceError for what this processor or build has
// not.
const CpuKernels& cpu_kernels(std::string_view name = "auto");

}  // namespace tusk
