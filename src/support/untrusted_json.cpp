#include "support/untrusted_json.hpp"

#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "support/text.hpp"

namespace tusk {
namespace {

using Value = nlohmann::json;

// Takes events and not the values, as a parser with a callback does, because that looks through a
// whole list behind each object in it.
class Checks : public nlohmann::json_sax<Value> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }

  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }

  bool key(string_t& name) override {
    if (names_.back().insert(name).second) return true;
    throw InputError(fmt::format("the field {} comes twice", in_quotes(name)));
  }

  bool parse_error(std::size_t, const std::string&, const Value::exception&) override {
    return false;
  }

 private:
  bool enter() {
    if (names_.size() >= kDeepestJson) {
      throw InputError(fmt::format("the JSON is nested more than {} deep", kDeepestJson));
    }
    names_.emplace_back();
    return true;
  }
  bool leave() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;  // in the objects and lists around
};

}  // namespace

Value parse_untrusted_json(std::string_view text) {
  Checks checks;
  Value::sax_parse(text, &checks);  // stops where parse() throws
  return Value::parse(text);
}

}  // namespace tusk
