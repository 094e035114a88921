# Whether nvcc leaves every product rounded in the kernels whose sums have the bits of the CPU's: no
# fused multiplication and addition in their PTX. (Divisions and square roots are made of some later
# on, with exact results.) Needs NVCC, INCLUDES, SOURCE (rounded_kernels.cu), WORK.

set(ptx ${WORK}/rounded_kernels.ptx)
list(TRANSFORM INCLUDES PREPEND -I)
execute_process(COMMAND ${NVCC} -ptx -std=c++20 --expt-relaxed-constexpr -arch=sm_80 ${INCLUDES}
                        ${SOURCE} -o ${ptx} COMMAND_ERROR_IS_FATAL ANY)
file(STRINGS ${ptx} products REGEX "mul\\.rn\\.f64")
file(STRINGS ${ptx} fused REGEX "fma\\.rn\\.f64")
if(fused)
  message(FATAL_ERROR "products that may not be rounded: ${fused}")
endif()
if(NOT products)
  message(FATAL_ERROR "no products at all in ${ptx}")
endif()
