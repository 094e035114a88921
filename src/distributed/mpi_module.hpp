// The MPI module: a shared library with what is linked with MPI, loaded when several processes
// train, so that one build of Tusk runs with and without an MPI.
#pragma once

#include <memory>

#include <tusk/communicator.hpp>

namespace tusk {

inline constexpr const char* kMpiModuleFile = "libtusk_mpi.so";
// Of C linkage: equal to kModuleInterface of the build that the module belongs to, and a
// MpiModuleFunction. Throws DeviceError.
inline constexpr const char* kMpiInterfaceSymbol = "tusk_mpi_interface";
inline constexpr const char* kMpiModuleSymbol = "tusk_open_mpi";
using MpiModuleFunction = Communicator* (*)();  // the caller's to delete

}  // namespace tusk
