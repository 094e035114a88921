# How every target of Tusk is compiled.

function(tusk_compile target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 sees uninitialized values in std::optional and overlapping copies in std::string where
    # there are none (GCC bugs 80635 and 105329).
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-restrict)
  endif()
  if(TUSK_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(TUSK_NATIVE)
    target_compile_options(${target} PRIVATE -march=native)
  endif()
  if(TUSK_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${TUSK_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${TUSK_SANITIZE})
  endif()
endfunction()
