// The functions of cuBLAS and cuSOLVER that Tusk calls.
#pragma once

#include <cublas_v2.h>
#include <cusolverDn.h>

namespace tusk {

// As NVIDIA's documentation of both libraries has them.
struct DenseFunctions {
  decltype(&cublasCreate_v2) create_blas;
  decltype(&cublasDestroy_v2) destroy_blas;
  decltype(&cublasSetStream_v2) set_blas_stream;
  decltype(&cublasSetWorkspace_v2) set_blas_room;
  decltype(&cublasSgemm_v2) sgemm;
  decltype(&cublasDgemm_v2) dgemm;
  // cublasGemmEx, which C++ overloads.
  cublasStatus_t (*gemm_ex)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int rows,
                            int columns, int depth, const void* alpha, const void* a,
                            cudaDataType type_of_a, int lda, const void* b, cudaDataType type_of_b,
                            int ldb, const void* beta, void* c, cudaDataType type_of_c, int ldc,
                            cublasComputeType_t, cublasGemmAlgo_t);
  decltype(&cusolverDnCreate) create_solver;
  decltype(&cusolverDnDestroy) destroy_solver;
  decltype(&cusolverDnSetStream) set_solver_stream;
  decltype(&cusolverDnSpotrf_bufferSize) spotrf_room;
  decltype(&cusolverDnDpotrf_bufferSize) dpotrf_room;
  decltype(&cusolverDnSpotrf) spotrf;
  decltype(&cusolverDnDpotrf) dpotrf;
  decltype(&cusolverDnSpotri_bufferSize) spotri_room;
  decltype(&cusolverDnDpotri_bufferSize) dpotri_room;
  decltype(&cusolverDnSpotri) spotri;
  decltype(&cusolverDnDpotri) dpotri;
  decltype(&cusolverDnSpotrfBatched) spotrf_batch;
  decltype(&cusolverDnSpotrsBatched) spotrs_batch;
};

// Loads the libraries when it is first called, so that what does without them also does without
// their memory and the time they take to start. Throws DeviceError where they cannot be loaded.
const DenseFunctions& dense_functions();

}  // namespace tusk
