#include "experiments/search_state.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tusk/atomic_file.hpp>
#include <tusk/parameters.hpp>
#include <tusk/trial_state.hpp>

#include "support/checksum.hpp"
#include "support/descriptor.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

constexpr const char* kMark = "tusk_search";
constexpr int kStateVersion = 2;
constexpr const char* kSideBySide = "side by side";

// A line of the file: a JSON object whose last member is the checksum of what the line is without
// that member.
constexpr std::string_view kChecksumBegin = ",\"checksum\":\"";
constexpr std::string_view kChecksumEnd = "\"}";

std::string with_checksum(const Json& json) {
  std::string line = json_line(json);
  const std::string sum = checksum(line);
  line.pop_back();  // the brace
  return fmt::format("{}{}{}{}\n", line, kChecksumBegin, sum, kChecksumEnd);
}

// Whether the line ends with a checksum; `matches` then says whether it is that of the line.
bool has_checksum(const std::string& line, bool& matches) {
  const std::size_t length = kChecksumBegin.size() + kChecksumDigits + kChecksumEnd.size();
  if (line.size() < length) return false;
  const std::size_t begin = line.size() - length;
  const std::size_t digits = begin + kChecksumBegin.size();
  if (line.compare(begin, kChecksumBegin.size(), kChecksumBegin) != 0 ||
      !line.ends_with(kChecksumEnd)) {
    return false;
  }
  const std::array<std::string_view, 2> parts = {std::string_view(line).substr(0, begin), "}"};
  matches = checksum(parts) == line.substr(digits, kChecksumDigits);
  return true;
}

Json settings_texts(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [name, value] : settings) json[name] = value;
  return json;
}

// What a file says of itself is checked key by key, so that a message can name the first that
// differs.
void check_same(const std::filesystem::path& path, const Json& in_file, const Json& asked) {
  for (const auto& [key, value] : asked.items()) {
    const Json there = in_file.contains(key) ? in_file[key] : Json();
    if (there == value) continue;
    throw ParameterError(
        "state",
        fmt::format("{} is of another search: {} is {} there and {} here; name another file, or "
                    "remove it to begin anew",
                    path.string(), key, short_text(there.dump()), short_text(value.dump())));
  }
}

}  // namespace

SearchState::SearchState(std::filesystem::path path, const Json& search) : path_(std::move(path)) {
  std::error_code error;
  const bool is_new = !std::filesystem::exists(path_, error);
  file_ = above_standard(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file_ < 0) fail("opened");
  try {
    struct stat status {};
    if (::fstat(file_, &status) != 0) fail("read");
    if (!S_ISREG(status.st_mode)) {
      throw ParameterError("state", fmt::format("{} is not a regular file", path_.string()));
    }
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) fail("locked");
      throw ParameterError("state", fmt::format("{} is in use by another search", path_.string()));
    }
    read(search);
    if (is_new) sync_folder(path_);
  } catch (...) {
    ::close(file_);
    throw;
  }
}

SearchState::~SearchState() { ::close(file_); }

void SearchState::fail(const char* what) const {
  throw Error(fmt::format("the state of the search, {}, cannot be {}: {}", path_.string(), what,
                          std::strerror(errno)));
}

void SearchState::read(const Json& search) {
  std::string text;
  // After an error, what has been read until then is no file to go on with.
  if (!read_all(file_, text)) fail("read");
  const std::string header = with_checksum({{kMark, kStateVersion}, {"search", search}});
  std::size_t kept = 0;  // bytes of whole lines
  std::int64_t number = 0;
  for (std::size_t end = 0; (end = text.find('\n', kept)) != std::string::npos; kept = end + 1) {
    const std::string line = text.substr(kept, end - kept);
    ++number;
    try {
      const Json json = Json::parse(line);
      if (number == 1 && json.at(kMark) != kStateVersion) {
        throw ParameterError(
            "state",
            fmt::format(
                "{} was written by another version of tusk and cannot be resumed by this one; "
                "name another file, or remove it to begin anew",
                path_.string()));
      }
      bool matches = false;
      if (!has_checksum(line, matches) || !matches) {
        throw InputError(
            fmt::format("{}, line {}: it does not match its checksum, so it was altered "
                        "or damaged; remove the file to begin anew",
                        path_.string(), number));
      }
      number > 1 ? read_line(json) : check_same(path_, json.at("search"), search);
    } catch (const Json::exception&) {
      // A power failure may leave anything in place of the last line that was written.
      if (number > 1 && end + 1 == text.size()) break;
      throw InputError({path_.string(), number, 0}, in_quotes(line),
                       "a line of the state of a search");
    }
  }
  if (kept == 0 && !header.starts_with(text)) {
    throw InputError({path_.string(), 1, 0}, in_quotes(text), "the state of a search");
  }
  if (kept < text.size() && ::ftruncate(file_, static_cast<off_t>(kept)) != 0) fail("written");
  if (::lseek(file_, 0, SEEK_END) < 0) fail("written");
  if (kept == 0) append(header);
}

void SearchState::read_line(const Json& json) {
  if (json.contains("trainer")) {
    trainer_ = json.at("trainer") == kSideBySide ? MfTrainer::side_by_side : MfTrainer::one_by_one;
    return;
  }
  std::vector<Known> added;
  for (const Json& trial : json.at("trials")) {
    Known& known = added.emplace_back();
    known.trial = trial_from_state(trial);
    for (const auto& [name, value] : trial.at("settings").items()) {
      known.settings.emplace_back(name, value.get<std::string>());
    }
  }
  auto& all = known_[json.at("part").get<int>()];
  all.insert(all.end(), added.begin(), added.end());
  seconds_ = json.at("seconds").get<double>();
}

void SearchState::add_trainer(MfTrainer trainer) {
  trainer_ = trainer;
  append(with_checksum(
      {{"trainer", trainer == MfTrainer::side_by_side ? kSideBySide : "one by one"}}));
}

void SearchState::add(int part, std::span<const Trial> trials,
                      const std::vector<Settings>& settings, double seconds) {
  Json json = {{"part", part}, {"seconds", seconds}, {"trials", Json::array()}};
  for (const Trial& trial : trials) {
    Json state = trial_state(trial);
    state["settings"] = settings_texts(settings[trial.candidate]);
    json["trials"].push_back(std::move(state));
  }
  append(with_checksum(json));
}

void SearchState::append(const std::string& line) {
  if (!write_all(file_, line)) fail("written");
  if (again_if_interrupted([&] { return ::fdatasync(file_); }) != 0 && errno != EINVAL) {
    fail("synced");
  }
}

}  // namespace tusk
