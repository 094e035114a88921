# The inner loops of src/cpu, compiled once for each instruction set; the fastest that the machine
# has is taken at run time.

# tusk_kernels(TARGET SOURCE_DIR NAME VECTOR_BYTES FUSED [FLAG...]): VECTOR_BYTES and FUSED as in
# src/cpu/isa_policy.hpp.
function(tusk_kernels target root isa vector_bytes fused)
  set(sources als_kernel.cpp byte_kernel.cpp dense_kernel.cpp gibbs_kernel.cpp kernel_table.cpp layer_kernel.cpp
              score_kernel.cpp sgd_kernel.cpp similarity_kernel.cpp)
  list(TRANSFORM sources PREPEND ${root}/src/cpu/)
  add_library(tusk_kernels_${isa} OBJECT ${sources})
  tusk_compile(tusk_kernels_${isa} PORTABLE)
  target_include_directories(tusk_kernels_${isa} PRIVATE ${root}/include ${root}/src)
  target_compile_definitions(tusk_kernels_${isa} PRIVATE
    TUSK_ISA=${isa} TUSK_VECTOR_BYTES=${vector_bytes} TUSK_FUSED=${fused})
  # Square roots and divisions are vectorised only where they set no errno and raise no flag; loops
  # over the lanes of a vector where `omp simd` says so.
  target_compile_options(tusk_kernels_${isa} PRIVATE -Wno-psabi -fno-math-errno -fno-trapping-math
                                                     -fopenmp-simd ${ARGN})
  if(TUSK_FUZZ)
    # The kernels read no files, and Clang takes many minutes to instrument them. Where little is
    # optimised it says of each of those loops that it stayed one.
    target_compile_options(tusk_kernels_${isa} PRIVATE -fno-sanitize=all -Wno-pass-failed)
  endif()
  set_target_properties(tusk_kernels_${isa} PROPERTIES POSITION_INDEPENDENT_CODE ON
                                                       UNITY_BUILD OFF)
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:tusk_kernels_${isa}>)
endfunction()

# tusk_add_kernels(TARGET SOURCE_DIR): all of them for the processor that is built for.
function(tusk_add_kernels target root)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    tusk_kernels(${target} ${root} baseline 16 false)
    tusk_kernels(${target} ${root} avx2 32 true -mavx2 -mfma)
    tusk_kernels(${target} ${root} avx512 64 true -mavx2 -mfma -mavx512f -mavx512dq -mavx512bw
                 -mavx512vl -mprefer-vector-width=512)
    # The source of avx512 for processors without it, so that it is tested on all.
    tusk_kernels(${target} ${root} wide 64 true -mavx2 -mfma)
    target_compile_definitions(${target} PRIVATE TUSK_X86_KERNELS)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    tusk_kernels(${target} ${root} neon 16 true)
    target_compile_definitions(${target} PRIVATE TUSK_NEON_KERNELS)
  else()
    tusk_kernels(${target} ${root} baseline 16 false)
  endif()
endfunction()
