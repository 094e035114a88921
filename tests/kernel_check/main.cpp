// Tests every set of CPU kernels that the processor can run; exit code 1 if one is wrong.
#include <cstdio>

#include <dlfcn.h>
#include <utf8proc.h>

#include "backend/self_test.hpp"

// There is no utf8proc for the other processor, and no text here that needs its categories.
extern "C" utf8proc_category_t utf8proc_category(utf8proc_int32_t) { return UTF8PROC_CATEGORY_LL; }

// Nothing is loaded into a program that is linked statically; Eigen multiplies matrices then.
extern "C" void* dlopen(const char*, int) noexcept { return nullptr; }
extern "C" void* dlsym(void*, const char*) noexcept { return nullptr; }

int main() {
  int wrong = 0;
  for (const tusk::SelfTestResult& result : tusk::self_test_of(tusk::kernel_sets())) {
    std::printf("%-10s%s\n", result.name.c_str(),
                result.problem.empty() ? "ok" : result.problem.c_str());
    if (!result.problem.empty()) wrong = 1;
  }
  return wrong;
}
