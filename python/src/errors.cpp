// Errors of the library as exceptions of Python.
#include <algorithm>

#include "binding.hpp"

namespace tusk::python {
namespace {

// Options are keywords in Python: "min-support" is min_support there.
std::string keyword(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

struct Exceptions {
  nb::object error, parameter, input, format, device, diverged;
};

Exceptions& exceptions() {
  static auto* const all = new Exceptions;  // outlives the interpreter's end
  return *all;
}

void raise(const nb::object& type, const Error& error) {
  PyErr_SetString(type.ptr(), error.what_with(keyword).c_str());
}

void raise_input(const InputError& error) {
  const nb::object raised = exceptions().input(error.what_with(keyword));
  raised.attr("where") = error.where().file;
  raised.attr("line") = error.where().line;
  raised.attr("found") = error.found();
  raised.attr("expected") = error.expected();
  PyErr_SetObject(exceptions().input.ptr(), raised.ptr());
}

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const InputError& error) {
    raise_input(error);
  } catch (const ParameterError& error) {
    raise(exceptions().parameter, error);
  } catch (const UsageError& error) {
    raise(nb::borrow(PyExc_ValueError), error);
  } catch (const FormatError& error) {
    raise(exceptions().format, error);
  } catch (const DeviceError& error) {
    raise(exceptions().device, error);
  } catch (const DivergedError& error) {
    raise(exceptions().diverged, error);
  } catch (const Interrupted&) {
    PyErr_SetNone(PyExc_KeyboardInterrupt);
  } catch (const Error& error) {
    raise(exceptions().error, error);
  }
}

nb::object make_exception(nb::module_& module, const char* name, const nb::tuple& bases,
                          const char* doc) {
  nb::dict members;
  members["__doc__"] = doc;
  members["__module__"] = "tusk";
  const nb::object type =
      nb::borrow(reinterpret_cast<PyObject*>(&PyType_Type))(name, bases, members);
  module.attr(name) = type;
  return type;
}

}  // namespace

void bind_errors(nb::module_& module) {
  Exceptions& all = exceptions();
  const nb::object value = nb::borrow(PyExc_ValueError);
  all.error = make_exception(module, "Error", nb::make_tuple(nb::borrow(PyExc_RuntimeError)),
                             "The base of errors that are no ValueError.");
  all.parameter = make_exception(module, "ParameterError", nb::make_tuple(value),
                                 "A parameter that is out of range or makes no sense.");
  all.input = make_exception(module, "InputError", nb::make_tuple(value),
                             "Data that cannot be used: `where`, `line`, `found`, `expected`.");
  all.format = make_exception(module, "FormatError", nb::make_tuple(value),
                              "A model file that cannot be read.");
  all.device = make_exception(module, "DeviceError", nb::make_tuple(all.error),
                              "A device that cannot be had, or that failed.");
  all.diverged = make_exception(module, "DivergedError",
                                nb::make_tuple(all.error, nb::borrow(PyExc_ArithmeticError)),
                                "Training whose error grew without bound.");
  nb::register_exception_translator(translate);
}

}  // namespace tusk::python
