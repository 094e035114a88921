#include "shared_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <tusk/error.hpp>

namespace tusk {
namespace {

[[noreturn]] void fail(const char* library) {
  const char* const error = dlerror();
  throw DeviceError(
      fmt::format("{} cannot be loaded: {}", library, error == nullptr ? "unknown error" : error));
}

}  // namespace

SharedLibrary::SharedLibrary(const char* name)
    : name_(name), handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) fail(name);
}

void* SharedLibrary::address_of(const char* symbol) const {
  void* const address = dlsym(handle_, symbol);
  if (address == nullptr) fail(name_);
  return address;
}

}  // namespace tusk
