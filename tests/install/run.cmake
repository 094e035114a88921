# Installs Tusk into a folder of its own, builds the example against it, and runs that.
# Needs BUILD (Tusk's build folder), SOURCE (this folder), WORK (to work in) and GENERATOR.

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${SOURCE} -B ${WORK}/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
    -DCMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build ${WORK}/build)
# The program finds the CUDA module of its own tree, if there is one.
execute_process(COMMAND ${WORK}/prefix/bin/tusk doctor --json OUTPUT_VARIABLE report
                COMMAND_ERROR_IS_FATAL ANY)
string(JSON module GET ${report} cuda_module)
if(EXISTS ${BUILD}/libtusk_cuda.so AND NOT module MATCHES "^${WORK}/prefix/")
  message(FATAL_ERROR "the installed program has the CUDA module \"${module}\"")
endif()
run(${WORK}/prefix/bin/tusk data synth --like ml-100k --out ${WORK}/twin)
run(${WORK}/build/example ${WORK}/twin ${WORK}/model.safetensors)
run(${WORK}/prefix/bin/tusk info ${WORK}/model.safetensors)
