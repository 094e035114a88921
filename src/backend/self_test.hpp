// Whether a backend computes what it should: on a small built-in problem, in a fraction of a
// second.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.hpp"
#include "cpu/kernels.hpp"

namespace tusk {

// Of all bits that the CPU computes for the problem.
struct SelfTestBits {
  std::uint64_t training = 0;    // trained models and their errors
  std::uint64_t neighbours = 0;  // similarities
  std::uint64_t networks = 0;    // trained neural networks and their errors

  bool operator==(const SelfTestBits&) const = default;
};

// What the bits of CPU kernels must be, on every processor and from every compiler; by
// Backend::bits().
SelfTestBits expected_bits(std::string_view bits);

// Trains at several widths, finds lists and neighbours, inverts matrices, trains networks, draws
// vectors, and compares with plain sequential code in double precision. Returns what differs first,
// in words, and nothing if all is right. `bits`, if not null, is filled in.
std::string self_test_against_reference(Backend& backend, SelfTestBits* bits = nullptr);

// The same for iALS and inverses of Gram matrices, with the ratings as weights; it is part of the
// first.
std::string self_test_of_dense(Backend& backend, const CsrView& ratings);

// The same for neural networks: their error must fall, and be that of their weights. Also a part of
// it; `bits` is given what was computed.
std::string self_test_of_networks(Backend& backend, const NeuralProblem& problem,
                                  std::uint64_t& bits);

// The same for Gibbs sampling, with the ratings around their mean: users' vectors must be what the
// formulas make of the same random numbers. Also a part of it.
std::string self_test_of_bayes(Backend& backend, const CsrView& ratings);

// The first for a CPU, whose bits it compares with expected_bits(), too.
std::string self_test_of_cpu(Backend& backend);

// One result for each of the sets that this processor can run.
std::vector<SelfTestResult> self_test_of(std::span<const KernelSet> sets);

}  // namespace tusk
