// Whether this machine computes what it should.
#pragma once

#include <string>
#include <vector>

namespace tusk {

struct SelfTestResult {
  std::string name;     // of a set of CPU kernels, or "cuda"
  std::string problem;  // what is wrong, in words; empty if all is right
};

// Trains models, finds lists and neighbours of a small built-in problem with every set of CPU
// kernels that this processor can run, and with GPU 0 if it can be used, and compares them with
// plain sequential code; of the CPU also every bit with what it must be. Takes about a second.
std::vector<SelfTestResult> self_test();

}  // namespace tusk
