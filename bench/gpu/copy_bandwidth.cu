// Prints how many GB a second the first GPU copies within its memory, bytes read plus bytes
// written: the median of some copies of 1 GB.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace {

void check(cudaError_t result) {
  if (result == cudaSuccess) return;
  std::fprintf(stderr, "%s\n", cudaGetErrorString(result));
  std::exit(1);
}

}  // namespace

int main() {
  constexpr std::size_t kBytes = std::size_t{1} << 30;
  void* from = nullptr;
  void* to = nullptr;
  check(cudaMalloc(&from, kBytes));
  check(cudaMalloc(&to, kBytes));
  check(cudaMemset(from, 0x5a, kBytes));
  cudaEvent_t begin;
  cudaEvent_t end;
  check(cudaEventCreate(&begin));
  check(cudaEventCreate(&end));
  std::array<float, 21> milliseconds{};
  for (float& time : milliseconds) {
    check(cudaEventRecord(begin));
    check(cudaMemcpyAsync(to, from, kBytes, cudaMemcpyDeviceToDevice));
    check(cudaEventRecord(end));
    check(cudaEventSynchronize(end));
    check(cudaEventElapsedTime(&time, begin, end));
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  const double seconds = static_cast<double>(milliseconds[milliseconds.size() / 2]) / 1e3;
  std::printf("%.0f\n", 2 * static_cast<double>(kBytes) / seconds / 1e9);
}
