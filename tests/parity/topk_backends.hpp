// The backends whose top-K sessions a test program tests.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "cpu/kernels.hpp"

namespace tusk::test {

struct TopKBackend {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
  bool gpu = false;
  bool slow = false;                      // an emulated one, for which problems are made smaller
  std::optional<KernelSet> kernels = {};  // of a CPU

  friend std::ostream& operator<<(std::ostream& out, const TopKBackend& b) { return out << b.name; }
};

std::vector<TopKBackend> topk_backends();

}  // namespace tusk::test
