// What a request asks for: fields of a JSON body, or parameters of a query.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "server/message.hpp"
#include "server/problem.hpp"

namespace tusk::server {

inline constexpr std::size_t kLongestId = 256;  // bytes

// Each value is read once, by name. Throws Problem, which names the place, for one of another kind
// or out of range, and in finish() for one that nobody has read.
class Arguments {
 public:
  virtual ~Arguments() = default;

  virtual std::optional<std::int64_t> whole(const std::string& name, std::int64_t low,
                                            std::int64_t high) = 0;
  virtual std::optional<bool> flag(const std::string& name) = 0;
  virtual std::optional<std::string> text(const std::string& name) = 0;
  virtual std::vector<std::string> texts(const std::string& name, std::size_t most) = 0;
  // Ids: not empty, no control characters.
  virtual std::optional<std::string> id(const std::string& name) = 0;
  virtual std::vector<std::string> ids(const std::string& name, std::size_t most) = 0;

  // A problem with the value of a name, of element n of it if that is a list.
  virtual Problem bad(const std::string& name, const std::string& detail,
                      const std::string& type = "invalid-value") const = 0;

  // Throws Problem for a name that was not asked about.
  void finish() const;

 protected:
  void ask(const std::string& name) { asked_.insert(name); }
  virtual std::vector<std::string> names() const = 0;

 private:
  std::set<std::string> asked_;
};

// Parameters of a query; those that are lists are given several times.
class QueryArguments : public Arguments {
 public:
  explicit QueryArguments(const Request& request) : query_(request.query) {}  // borrowed

  std::optional<std::int64_t> whole(const std::string& name, std::int64_t low,
                                    std::int64_t high) override;
  std::optional<bool> flag(const std::string& name) override;
  std::optional<std::string> text(const std::string& name) override;
  std::vector<std::string> texts(const std::string& name, std::size_t most) override;
  std::optional<std::string> id(const std::string& name) override { return text(name); }
  std::vector<std::string> ids(const std::string& name, std::size_t most) override {
    return texts(name, most);
  }
  Problem bad(const std::string& name, const std::string& detail,
              const std::string& type = "invalid-value") const override;

 protected:
  std::vector<std::string> names() const override;

 private:
  const TextPairs& query_;
};

// Fields of a JSON object.
class JsonArguments : public Arguments {
 public:
  // `place` is the object's JSON pointer. Both are borrowed. Throws Problem if it is no object.
  explicit JsonArguments(const nlohmann::json& object, std::string place = "");

  bool has(const std::string& name) const { return object_.contains(name); }

  std::optional<std::int64_t> whole(const std::string& name, std::int64_t low,
                                    std::int64_t high) override;
  std::optional<bool> flag(const std::string& name) override;
  std::optional<std::string> text(const std::string& name) override;
  std::vector<std::string> texts(const std::string& name, std::size_t most) override;
  std::optional<std::string> id(const std::string& name) override;
  std::vector<std::string> ids(const std::string& name, std::size_t most) override;
  // A finite number that a float holds.
  std::optional<float> number(const std::string& name);
  // The objects of a list.
  std::vector<JsonArguments> objects(const std::string& name, std::size_t most);
  // A value of whatever kind; null if there is none.
  const nlohmann::json* any(const std::string& name);

  Problem bad(const std::string& name, const std::string& detail,
              const std::string& type = "invalid-value") const override;

 protected:
  std::vector<std::string> names() const override;

 private:
  const nlohmann::json* find_list(const std::string& name, std::size_t most);

  const nlohmann::json& object_;
  std::string place_;
};

}  // namespace tusk::server
