// The reader of model files. A model that is read can be used.
#include <tusk/error.hpp>
#include <tusk/model_file.hpp>

#include "tests/fuzz/input_file.hpp"

namespace tusk::test {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Model model = load_model(input_file("model", data, size), Checksum::ignore);
    for (Index user = 0; user < model.users.size(); ++user) {
      model.users.find(model.users.id(user));
      for (const Index item : model.seen().view().row(user)) model.predict_by_state(user, item);
    }
  } catch (const Error&) {
  }
  return 0;
}

}  // namespace tusk::test
