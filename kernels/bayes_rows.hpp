// A chain's rows among those of all chains, which BayesLayout has side by side, on the host.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "bayes_arguments.hpp"

namespace tusk {

// Number `at` of a chain's rows, [rows, width], in [rows, chains, stride].
inline std::size_t place_of_chain(const BayesLayout& layout, int chain, std::size_t at) {
  const auto width = static_cast<std::size_t>(layout.width);
  const auto chains = static_cast<std::size_t>(layout.chains);
  return (at / width * chains + static_cast<std::size_t>(chain)) *
             static_cast<std::size_t>(layout.stride) +
         at % width;
}

inline std::vector<float> rows_of_chain(const BayesLayout& layout, int chain,
                                        std::span<const float> all) {
  const auto row =
      static_cast<std::size_t>(layout.chains) * static_cast<std::size_t>(layout.stride);
  std::vector<float> own(all.size() / row * static_cast<std::size_t>(layout.width));
  for (std::size_t at = 0; at < own.size(); ++at) own[at] = all[place_of_chain(layout, chain, at)];
  return own;
}

template <class T>
void put_rows_of_chain(const BayesLayout& layout, int chain, const std::vector<T>& own,
                       std::vector<float>& all) {
  for (std::size_t at = 0; at < own.size(); ++at) {
    all[place_of_chain(layout, chain, at)] = static_cast<float>(own[at]);
  }
}

}  // namespace tusk
