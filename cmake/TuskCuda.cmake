# Finds the CUDA toolkit where it is; nothing needs it. Sets TUSK_CUDA_TOOLKIT to its version or to
# why there is none.

set(TUSK_CUDA_TOOLKIT "switched off (TUSK_CUDA=OFF)")
if(NOT TUSK_CUDA STREQUAL "OFF")
  find_package(CUDAToolkit QUIET)
  if(CUDAToolkit_FOUND)
    set(TUSK_CUDA_TOOLKIT "${CUDAToolkit_VERSION}")
  else()
    set(TUSK_CUDA_TOOLKIT "not found")
    if(TUSK_CUDA STREQUAL "ON")
      message(FATAL_ERROR "TUSK_CUDA=ON, but no CUDA toolkit was found")
    endif()
  endif()
endif()
message(STATUS "CUDA toolkit: ${TUSK_CUDA_TOOLKIT}")
