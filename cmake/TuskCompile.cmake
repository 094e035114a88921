# How every target of Tusk is compiled.
#
# tusk_compile(TARGET [PORTABLE]): TUSK_NATIVE does not reach a PORTABLE target.

function(tusk_compile target)
  cmake_parse_arguments(ARG "PORTABLE" "" "" ${ARGN})
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  # A product is rounded before it is added unless the source says otherwise, so that results do not
  # depend on the compiler or on TUSK_NATIVE.
  set(options -Wall -Wextra -Wpedantic -Wshadow -Wconversion -ffp-contract=off)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 sees uninitialized values in std::optional and overlapping copies in std::string where
    # there are none (GCC bugs 80635 and 105329).
    list(APPEND options -Wno-maybe-uninitialized -Wno-restrict)
  endif()
  if(TUSK_WERROR)
    list(APPEND options -Werror)
  endif()
  # What Debian hardens its own programs with; bench/README.md has what it costs.
  list(APPEND options $<$<CONFIG:Release>:-fstack-protector-strong>
                      "$<$<CONFIG:Release>:SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>")
  target_link_options(${target} PRIVATE $<$<CONFIG:Release>:LINKER:-z,relro,-z,now>)
  if(TUSK_NATIVE AND NOT ARG_PORTABLE)
    list(APPEND options -march=native)
  endif()
  if(TUSK_SANITIZE)
    list(APPEND options -fsanitize=${TUSK_SANITIZE} -fno-omit-frame-pointer
                        -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${TUSK_SANITIZE})
  endif()
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${options}>
    # CMake 3.25 forgets the standard of CUDA files. Formulas that both compilers include call what
    # is constexpr.
    $<$<COMPILE_LANGUAGE:CUDA>:-std=c++20 --expt-relaxed-constexpr -Xcompiler=-Wall,-Wextra>)
endfunction()
