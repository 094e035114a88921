# `cmake --install`: the program, the library, its headers, and a package that find_package(tusk)
# finds.

include(CMakePackageConfigHelpers)

# The library alone is the component `library`, which a consumer such as python/ is built with.
install(TARGETS tusk EXPORT tusk-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(TARGETS tusk_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TUSK_BUILD_CUDA)
  install(TARGETS tusk_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tusk ${PROJECT_BINARY_DIR}/include/tusk
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library FILES_MATCHING PATTERN "*.hpp")

set(TUSK_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tusk)
install(EXPORT tusk-targets NAMESPACE tusk:: DESTINATION ${TUSK_PACKAGE_DIR}
        COMPONENT library)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/tusk-config.cmake.in
                              ${PROJECT_BINARY_DIR}/tusk-config.cmake
                              INSTALL_DESTINATION ${TUSK_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tusk-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tusk-config.cmake
              ${PROJECT_BINARY_DIR}/tusk-config-version.cmake
        DESTINATION ${TUSK_PACKAGE_DIR} COMPONENT library)
