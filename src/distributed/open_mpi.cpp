#include <tusk/communicator.hpp>
#include <tusk/error.hpp>

#include "distributed/mpi_module.hpp"
#include "support/module_interface.hpp"
#include "support/module_loader.hpp"

namespace tusk {
namespace {

constexpr ModuleKind kKind = {kMpiModuleFile,      "MPI module",     "MPI",
                              kMpiInterfaceSymbol, kMpiModuleSymbol, true};

const LoadedModule& mpi_module() {
  static const LoadedModule loaded = load_module(kKind, module_places(kKind), kModuleInterface);
  return loaded;
}

}  // namespace

std::string mpi_problem() { return mpi_module().problem; }

std::shared_ptr<Communicator> open_mpi() {
  const LoadedModule& module = mpi_module();
  if (module.function == nullptr) throw DeviceError(module.problem);
  return std::shared_ptr<Communicator>(reinterpret_cast<MpiModuleFunction>(module.function)());
}

}  // namespace tusk
