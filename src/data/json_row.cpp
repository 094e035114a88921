#include "data/json_row.hpp"

#include <algorithm>
#include <functional>

#include <tusk/json.hpp>

namespace tusk {
namespace {

// Passes on the keys and values of the outermost object.
class ObjectReader : public nlohmann::json_sax<Json> {
 public:
  explicit ObjectReader(
      std::function<void(const std::string& key)> on_key,
      std::function<void(std::string value)> on_value, std::function<void()> on_null = [] {})
      : on_key_(std::move(on_key)), on_value_(std::move(on_value)), on_null_(std::move(on_null)) {}

  bool null() override {
    if (depth_ == 1) on_null_();
    return depth_ > 0;
  }
  bool boolean(bool yes) override { return value(yes ? "true" : "false"); }
  bool number_integer(number_integer_t number) override { return value(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& written) override { return value(written); }
  bool string(string_t& text) override { return value(text); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    ++depth_;
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return depth_++ > 0; }
  bool end_array() override { return end_object(); }
  bool key(string_t& name) override {
    if (depth_ == 1) on_key_(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  // Of a text or number alone on its line there is no object.
  bool value(const std::string& text) {
    if (depth_ == 1) on_value_(text);
    return depth_ > 0;
  }

  std::function<void(const std::string&)> on_key_;
  std::function<void(std::string)> on_value_;
  std::function<void()> on_null_;
  int depth_ = 0;
};

}  // namespace

bool JsonRow::read(std::string_view line) {
  values_.assign(keys_.size(), "");
  nulls_.assign(keys_.size(), false);
  std::size_t current = keys_.size();
  ObjectReader reader(
      [&](const std::string& key) {
        current =
            static_cast<std::size_t>(std::find(keys_.begin(), keys_.end(), key) - keys_.begin());
      },
      [&](std::string value) {
        if (current >= values_.size()) return;
        values_[current] = std::move(value);
        nulls_[current] = false;
      },
      [&] {
        if (current >= values_.size()) return;
        values_[current].clear();
        nulls_[current] = true;
      });
  return Json::sax_parse(line.begin(), line.end(), &reader);
}

std::optional<std::vector<std::string>> json_keys(std::string_view line) {
  std::vector<std::string> keys;
  ObjectReader reader([&](const std::string& key) { keys.push_back(key); }, [](std::string) {});
  if (!Json::sax_parse(line.begin(), line.end(), &reader)) return std::nullopt;
  return keys;
}

}  // namespace tusk
