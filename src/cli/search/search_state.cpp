#include "cli/search/search_state.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <tusk/error.hpp>

#include "cli/search/trial_state.hpp"
#include "support/atomic_file.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

constexpr const char* kMark = "tusk_search";
constexpr int kVersion = 1;

std::string read_all(int file) {
  std::string text;
  char buffer[1 << 16];
  for (ssize_t got = 0; (got = ::read(file, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
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
    throw UsageError(fmt::format(
        "--state {} is of another search: {} is {} there and {} here; name another file, or "
        "remove it to begin anew",
        path.string(), key, there.dump(), value.dump()));
  }
}

}  // namespace

SearchState::SearchState(std::filesystem::path path, const Json& search) : path_(std::move(path)) {
  const auto fail = [&](const char* what) {
    throw Error(fmt::format("--state {} {}: {}", path_.string(), what, std::strerror(errno)));
  };
  const bool is_new = !std::filesystem::exists(path_);
  file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) fail("cannot be opened");
  try {
    if (!std::filesystem::is_regular_file(path_)) {
      throw UsageError(fmt::format("--state {} is not a regular file", path_.string()));
    }
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      throw UsageError(fmt::format("--state {} is in use by another search", path_.string()));
    }
    read(search);
    if (is_new) sync_folder(path_);
  } catch (...) {
    ::close(file_);
    throw;
  }
}

SearchState::~SearchState() { ::close(file_); }

void SearchState::read(const Json& search) {
  const std::string text = read_all(file_);
  const std::string header = json_line({{kMark, kVersion}, {"search", search}}) + '\n';
  std::size_t kept = 0;  // bytes of whole lines
  std::int64_t number = 0;
  for (std::size_t end = 0; (end = text.find('\n', kept)) != std::string::npos; kept = end + 1) {
    const std::string line = text.substr(kept, end - kept);
    ++number;
    try {
      const Json json = Json::parse(line);
      if (number > 1) {
        read_line(json);
      } else if (json.at(kMark) != kVersion) {
        throw UsageError(fmt::format("--state {} is of another version of tusk", path_.string()));
      } else {
        check_same(path_, json.at("search"), search);
      }
    } catch (const Json::exception&) {
      // A power failure may leave anything in place of the last line that was written.
      if (number > 1 && end + 1 == text.size()) break;
      throw InputError({path_.string(), number, 0}, in_quotes(line),
                       "a line that tusk tune --state wrote");
    }
  }
  if (kept == 0 && !header.starts_with(text)) {
    throw InputError({path_.string(), 1, 0}, in_quotes(text),
                     "a file that tusk tune --state wrote");
  }
  if (::ftruncate(file_, static_cast<off_t>(kept)) != 0 || ::lseek(file_, 0, SEEK_END) < 0) {
    throw Error(
        fmt::format("--state {} cannot be written: {}", path_.string(), std::strerror(errno)));
  }
  if (kept == 0) append(header);
}

void SearchState::read_line(const Json& json) {
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

void SearchState::add(int part, std::span<const Trial> trials,
                      const std::vector<Settings>& settings, double seconds) {
  Json json = {{"part", part}, {"seconds", seconds}, {"trials", Json::array()}};
  for (const Trial& trial : trials) {
    Json state = trial_state(trial);
    state["settings"] = settings_texts(settings[trial.candidate]);
    json["trials"].push_back(std::move(state));
  }
  append(json_line(json) + '\n');
}

void SearchState::append(const std::string& line) {
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t wrote = ::write(file_, line.data() + done, line.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      throw Error(
          fmt::format("--state {} cannot be written: {}", path_.string(), std::strerror(errno)));
    }
    done += static_cast<std::size_t>(wrote);
  }
  if (::fdatasync(file_) != 0 && errno != EINVAL) {
    throw Error(
        fmt::format("--state {} cannot be synced: {}", path_.string(), std::strerror(errno)));
  }
}

}  // namespace tusk::cli
