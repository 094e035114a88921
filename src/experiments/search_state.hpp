// The file that a search is resumed from.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <tusk/json.hpp>
#include <tusk/search.hpp>
#include <tusk/search_space.hpp>

namespace tusk {

// A line of JSON says what is searched; each further line holds trials that have ended, or how
// models are trained. Each has a checksum. Lines are only ever added and synced to the disk, so
// that whatever ends the program leaves at worst a part of a last line, which is dropped.
class SearchState {
 public:
  // A trial, and the settings that it had.
  struct Known {
    Trial trial;
    Settings settings;
  };

  // Opens the file or makes a new one. `search` tells a search from others. Throws UsageError if
  // the file is of another search, naming what differs, or another program has it open; InputError
  // if it is no such file, or if a line is damaged or was altered; Error if it cannot be read or
  // written.
  SearchState(std::filesystem::path path, const Json& search);
  ~SearchState();
  SearchState(const SearchState&) = delete;
  SearchState& operator=(const SearchState&) = delete;

  // What the file held when it was opened, by the number of the part of the search.
  const std::vector<Known>& known(int part) { return known_[part]; }
  double seconds() const { return seconds_; }  // that the search had taken
  // How its models have been trained; `automatic` if that is not known yet.
  MfTrainer trainer() const { return trainer_; }

  void add_trainer(MfTrainer trainer);

  // `seconds` is what the search has taken, all in all.
  void add(int part, std::span<const Trial> trials, const std::vector<Settings>& settings,
           double seconds);

 private:
  [[noreturn]] void fail(const char* what) const;  // by errno
  void read(const Json& search);
  void read_line(const Json& json);
  void append(const std::string& line);

  std::filesystem::path path_;
  int file_ = -1;
  std::map<int, std::vector<Known>> known_;
  double seconds_ = 0;
  MfTrainer trainer_ = MfTrainer::automatic;
};

}  // namespace tusk
