#include "llm/answers.hpp"

#include <cmath>
#include <limits>

#include <tusk/error.hpp>

#include "support/text.hpp"
#include "support/untrusted_json.hpp"

namespace tusk::llm {
namespace {

constexpr std::size_t kMostColumns = 65536;
constexpr double kLargest = std::numeric_limits<float>::max();

// Whose objects find a field in logarithmic time, as those of Json do not.
using Value = nlohmann::json;

Value parse(std::string_view text, const char* problem) {
  try {
    return parse_untrusted_json(text);
  } catch (const InputError&) {  // which may quote the answer
  } catch (const Value::exception&) {
  }
  throw Error(problem);
}

// The member of an object, or null where there is none.
const Value& member(const Value& json, const char* name) {
  static const Value none;
  if (!json.is_object()) return none;
  const auto found = json.find(name);
  return found == json.end() ? none : *found;
}

const Value& first_choice(const Value& json) {
  static const Value none;
  const Value& choices = member(json, "choices");
  return choices.is_array() && !choices.empty() ? choices.front() : none;
}

// Of events "data: {...}" up to "data: [DONE]".
std::string content_of_events(std::string_view body) {
  constexpr std::string_view kData = "data:";
  std::string content;
  for (std::string_view line : split_text(body, "\n")) {
    line = trimmed(line);
    if (!line.starts_with(kData)) continue;
    const std::string_view data = trimmed(line.substr(kData.size()));
    if (data == "[DONE]") return content;
    const Value event = parse(data, "its stream has an event that is no JSON");
    const Value& piece = member(member(first_choice(event), "delta"), "content");
    if (piece.is_string()) content += piece.get_ref<const std::string&>();
  }
  throw Error("its stream ends too early");
}

std::string_view without_thoughts(std::string_view content) {
  constexpr std::string_view kBegin = "<think>";
  constexpr std::string_view kEnd = "</think>";
  if (!content.starts_with(kBegin)) return content;
  const std::size_t end = content.find(kEnd);
  return end == std::string_view::npos ? content : content.substr(end + kEnd.size());
}

std::string_view trimmed_lines(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

std::string_view without_fence(std::string_view content) {
  constexpr std::string_view kFence = "```";
  const std::size_t line = content.find('\n');
  if (!content.starts_with(kFence) || !content.ends_with(kFence) ||
      line == std::string_view::npos || line > content.size() - kFence.size()) {
    return content;
  }
  return content.substr(line, content.size() - kFence.size() - line);
}

std::vector<float> vector_of(const Value& json) {
  if (!json.is_array() || json.empty() || json.size() > kMostColumns) {
    throw Error("an embedding is no list of numbers");
  }
  std::vector<float> vector;
  bool all_zero = true;
  for (const Value& one : json) {
    const double value = one.is_number() ? one.get<double>() : NAN;
    if (!(std::abs(value) <= kLargest)) throw Error("an embedding has a value that is no number");
    vector.push_back(static_cast<float>(value));
    all_zero = all_zero && vector.back() == 0;
  }
  if (all_zero) throw Error("an embedding is all 0");
  return vector;
}

}  // namespace

std::string content_of_completion(std::string_view body) {
  const std::string_view text = trimmed_lines(body);
  if (text.starts_with("data:") || text.starts_with("event:") || text.starts_with(':')) {
    return content_of_events(text);
  }
  const Value json = parse(text, "its answer is no JSON");
  const Value& content = member(member(first_choice(json), "message"), "content");
  if (!content.is_string()) throw Error("its answer has no text");
  return content.get<std::string>();
}

Json json_of_content(std::string_view content) {
  const std::string_view text =
      without_fence(trimmed_lines(without_thoughts(trimmed_lines(content))));
  return parse(text, "its text is not the JSON that was asked for");
}

std::vector<std::vector<float>> vectors_of_embeddings(std::string_view body, std::size_t count) {
  const Value json = parse(body, "its answer is no JSON");
  const Value& data = member(json, "data");
  if (!data.is_array() || data.size() != count) {
    throw Error("it does not send an embedding for each text");
  }
  std::vector<std::vector<float>> vectors(count);
  for (std::size_t place = 0; place < count; ++place) {
    const Value& index = member(data[place], "index");
    const std::size_t at = index.is_number_unsigned() ? index.get<std::size_t>() : place;
    if (at >= count || !vectors[at].empty()) {
      throw Error("it does not send an embedding for each text");
    }
    vectors[at] = vector_of(member(data[place], "embedding"));
  }
  for (const auto& one : vectors) {
    if (one.size() != vectors.front().size()) {
      throw Error("its embeddings are of different lengths");
    }
  }
  return vectors;
}

}  // namespace tusk::llm
