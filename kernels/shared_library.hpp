// A library of NVIDIA's that is loaded when it is first needed, so that what does without it also
// does without its memory and the time it takes to start.
#pragma once

namespace tusk {

class SharedLibrary {
 public:
  // `name` is a file name, looked for where the toolkit was and then where the system looks for
  // libraries. Throws DeviceError if it cannot be loaded.
  explicit SharedLibrary(const char* name);

  // Throws DeviceError if the library has no such function.
  template <class Function>
  void find(const char* symbol, Function& function) const {
    function = reinterpret_cast<Function>(address_of(symbol));
  }

 private:
  void* address_of(const char* symbol) const;

  const char* name_;
  void* handle_;
};

}  // namespace tusk
