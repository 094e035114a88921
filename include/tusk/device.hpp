// What this machine and this build can compute on, and opening it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tusk {

struct GpuInfo {
  std::string name;
  std::string compute_capability;  // "9.0"
  std::uint64_t memory_bytes = 0;
};

struct CudaStatus {
  bool usable = false;
  std::string reason;         // why not; empty if usable
  std::string module;         // the file with Tusk's CUDA code; empty if there is none
  int module_version = 0;     // of CUDA that it needs: 13000 is CUDA 13.0; 0 if it cannot be used
  int driver_version = 0;     // of CUDA that the driver knows; 0 if there is no driver
  std::vector<GpuInfo> gpus;  // what the driver shows
};

// Whether GPU number `device` can be used. Looks for the CUDA module and asks the NVIDIA driver, if
// there is one. Never throws for want of either.
CudaStatus probe_cuda(int device = 0);

// Why a GPU that can be used leaves iALS, EASE and neural networks to the CPU: NVIDIA's cuBLAS
// and cuSOLVER cannot be loaded. Empty if it does not. Loads them, which takes a second.
std::string dense_gpu_problem();

// The inner loops of training and lists for one instruction set.
struct CpuKernelInfo {
  std::string name;
  bool usable = false;  // on this processor
  std::string needs;    // of the processor; empty if every one can run it
  std::string bits;     // as Device::bits(); kernels that agree in it train the same models
};

struct CpuInfo {
  std::string name;
  int threads = 0;
  std::string kernels;                     // what DeviceOptions::cpu_kernels "auto" takes
  std::vector<CpuKernelInfo> kernel_sets;  // of this build, slowest first
};

CpuInfo probe_cpu();

// What models are trained and used on.
class Device {
 public:
  virtual ~Device() = default;

  virtual std::string_view name() const = 0;

  // What the last bits of a model that the CPU trains depend on: "fma" if products are not rounded
  // before they are added, as with all kernels but those called "baseline", else "baseline". Empty
  // for a GPU.
  virtual std::string_view bits() const = 0;

 private:
  friend class Backend;  // how the library sees a device: nothing else is one
  Device() = default;
};

// How a GPU keeps and multiplies numbers in training. Sums and updates are fp32 with all; the CPU
// has fp32 alone.
enum class Precision {
  fp32,
  fp16,  // factors are stored in half precision, rounded at random, so that small steps are not
         // lost
  tf32,  // matrices of neural networks are multiplied with 10 bits of each number behind the first
  bf16,  // the same with 7 bits
};
std::string_view to_string(Precision precision);   // "fp32", "fp16", "tf32", "bf16"
Precision parse_precision(std::string_view text);  // throws UsageError

struct DeviceOptions {
  std::string device = "auto";  // auto | cpu | cuda | cuda:N
  int threads = 0;              // of the CPU; 0 means all
  // The same bits in every run. On a GPU that is slower; the CPU never does otherwise.
  bool deterministic = false;
  Precision precision = Precision::fp32;
  // Instruction set of the CPU's inner loops: auto, the fastest that the processor has, or the name
  // of one in CpuInfo::kernel_sets.
  std::string cpu_kernels = "auto";
  // Asked often, from any thread; true ends whatever the device is doing, within milliseconds on
  // the CPU, with Interrupted.
  std::function<bool()> should_stop = {};
};

// Throws UsageError for an unknown device or CPU kernels or a precision that the device does not
// have, and DeviceError, which says why, for a device or CPU kernels that cannot be had. `auto`
// takes a GPU if it can be had and the CPU if not. What a GPU does not compute yet is left to the
// CPU: tables of neighbours, lists of models without factors or of more than 1,024 items, and those
// of users for whom more items score alike than a list on the GPU has room for; where cuBLAS and
// cuSOLVER cannot be loaded, iALS, EASE and neural networks, too.
std::unique_ptr<Device> open_device(const DeviceOptions& options = {});

// How several models are trained on a device. Their accuracy depends on it, by little.
enum class MfTrainer {
  automatic,     // as is fastest for so many models
  one_by_one,    // one after another, each by all of the device
  side_by_side,  // all at the same time, each by a part of the device
};

// Bytes that a session takes of the memory it trains in: a GPU's, or the machine's for the CPU.
struct MfMemory {
  std::uint64_t parameters = 0;  // of all models, their copies at checkpoints, sums of errors
  std::uint64_t ratings = 0;     // to train on: all of them, or those that are there at a time
  std::uint64_t validation = 0;
  std::uint64_t working = 0;    // on a GPU: to start models from and to read them by
  std::uint64_t available = 0;  // that a session may use now
  int chunks = 1;  // that the ratings to train on are divided into; more than one pass through the
                   // GPU's memory in each epoch

  std::uint64_t total() const { return parameters + ratings + validation + working; }
};

struct SelfTestResult {
  std::string name;     // of a set of CPU kernels, or "cuda"
  std::string problem;  // what is wrong, in words; empty if all is right
};

// Trains models, finds lists and neighbours of a small built-in problem with every set of CPU
// kernels that this processor can run, and with GPU 0 if it can be used, and compares them with
// plain sequential code; of the CPU also every bit with what it must be. Takes about a second.
std::vector<SelfTestResult> self_test();

}  // namespace tusk
