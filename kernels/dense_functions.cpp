#include "dense_functions.hpp"

#include "shared_library.hpp"

namespace tusk {
namespace {

#define TUSK_TEXT_OF(value) #value
#define TUSK_TEXT(value) TUSK_TEXT_OF(value)

// The versions whose headers this was compiled with.
constexpr const char* kBlas = "libcublas.so." TUSK_TEXT(CUBLAS_VER_MAJOR);
constexpr const char* kSolver = "libcusolver.so." TUSK_TEXT(CUSOLVER_VER_MAJOR);

DenseFunctions load() {
  DenseFunctions f{};
  const SharedLibrary blas(kBlas);
  // As the macros of cublas_v2.h name them.
  blas.find("cublasCreate_v2", f.create_blas);
  blas.find("cublasDestroy_v2", f.destroy_blas);
  blas.find("cublasSetStream_v2", f.set_blas_stream);
  blas.find("cublasSetWorkspace_v2", f.set_blas_room);
  blas.find("cublasSgemm_v2", f.sgemm);
  blas.find("cublasDgemm_v2", f.dgemm);
  blas.find("cublasGemmEx", f.gemm_ex);
  const SharedLibrary solver(kSolver);
  solver.find("cusolverDnCreate", f.create_solver);
  solver.find("cusolverDnDestroy", f.destroy_solver);
  solver.find("cusolverDnSetStream", f.set_solver_stream);
  solver.find("cusolverDnSpotrf_bufferSize", f.spotrf_room);
  solver.find("cusolverDnDpotrf_bufferSize", f.dpotrf_room);
  solver.find("cusolverDnSpotrf", f.spotrf);
  solver.find("cusolverDnDpotrf", f.dpotrf);
  solver.find("cusolverDnSpotri_bufferSize", f.spotri_room);
  solver.find("cusolverDnDpotri_bufferSize", f.dpotri_room);
  solver.find("cusolverDnSpotri", f.spotri);
  solver.find("cusolverDnDpotri", f.dpotri);
  solver.find("cusolverDnSpotrfBatched", f.spotrf_batch);
  solver.find("cusolverDnSpotrsBatched", f.spotrs_batch);
  return f;
}

}  // namespace

const DenseFunctions& dense_functions() {
  static const DenseFunctions functions = load();
  return functions;
}

}  // namespace tusk
