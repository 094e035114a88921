// Tests every set of CPU kernels that the processor can run; exit code 1 if one is wrong.
#include <cstdio>

#include "backend/self_test.hpp"

int main() {
  int wrong = 0;
  for (const tusk::SelfTestResult& result : tusk::self_test_of(tusk::kernel_sets())) {
    std::printf("%-10s%s\n", result.name.c_str(),
                result.problem.empty() ? "ok" : result.problem.c_str());
    if (!result.problem.empty()) wrong = 1;
  }
  return wrong;
}
