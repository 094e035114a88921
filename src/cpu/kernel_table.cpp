// Compiled several times, see isa_kernels.hpp.

#include "cpu/isa_kernels.hpp"
#include "cpu/isa_policy.hpp"

#define TUSK_QUOTE(name) #name
#define TUSK_NAME(name) TUSK_QUOTE(name)

namespace tusk::TUSK_ISA {

const CpuKernels kKernels = {TUSK_NAME(TUSK_ISA),
                             kFused,
                             sgd,
                             validation_errors,
                             score_panel,
                             score_bytes,
                             kSimilarityKernels,
                             &kAlsKernel,
                             draw_vectors,
                             {dense, rectify, rectify_gradient, drop}};

}  // namespace tusk::TUSK_ISA
