#include "tests/support/program.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/paths.hpp"

namespace tusk::test {
namespace {

struct Pipe {
  int read = -1;
  int write = -1;
};

// A tight one holds a single write, so that who writes is at most one ahead of who reads.
Pipe make_pipe(bool tight) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | (tight ? O_DIRECT : 0)) != 0 ||
      (tight && fcntl(ends[1], F_SETPIPE_SZ, 1) < 0)) {
    throw std::runtime_error("no pipe");
  }
  return {ends[0], ends[1]};
}

Pipe make_terminal() {
  Pipe ends;
  if (openpty(&ends.read, &ends.write, nullptr, nullptr, nullptr) != 0) {
    throw std::runtime_error("no terminal");
  }
  fcntl(ends.read, F_SETFD, FD_CLOEXEC);
  fcntl(ends.write, F_SETFD, FD_CLOEXEC);
  return ends;
}

[[noreturn]] void become_program(const std::vector<std::string>& arguments,
                                 const RunOptions& options, int out, int err) {
  const int in = open(options.input.c_str(), O_RDONLY | O_CLOEXEC);
  if (in < 0) _exit(127);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  // Settings of whoever runs the tests must not reach the program.
  for (char** variable = environ; *variable != nullptr;) {
    const std::string name = std::string(*variable).substr(0, std::string(*variable).find('='));
    if (name.starts_with("TUSK_") || name == "NO_COLOR") {
      unsetenv(name.c_str());
    } else {
      ++variable;
    }
  }
  setenv("TERM", "xterm", 1);
  for (const auto& [name, value] : options.environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<std::string> words = {tusk_program()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execv(pointers.front(), pointers.data());
  _exit(127);
}

}  // namespace

bool has_terminals() {
  int ends[2];
  if (openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) != 0) return false;
  close(ends[0]);
  close(ends[1]);
  return true;
}

Outcome run_tusk(const std::vector<std::string>& arguments, const RunOptions& options) {
  // A program that is to be stopped at a line must not be far past it when it is read.
  const bool tight = !options.kill_at.empty() || !options.interrupt_at.empty();
  const Pipe out = make_pipe(tight);
  const Pipe err = options.terminal ? make_terminal() : make_pipe(tight);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) become_program(arguments, options, out.write, err.write);
  close(out.write);
  close(err.write);

  Outcome run;
  bool interrupted = options.interrupt_at.empty();
  std::array<pollfd, 2> ends = {{{out.read, POLLIN, 0}, {err.read, POLLIN, 0}}};
  const std::array<std::string*, 2> texts = {&run.out, &run.err};
  for (int open = 2; open > 0;) {
    poll(ends.data(), ends.size(), -1);
    for (std::size_t e = 0; e < ends.size(); ++e) {
      if (ends[e].fd < 0 || ends[e].revents == 0) continue;
      std::array<char, 4096> buffer{};
      const auto count = read(ends[e].fd, buffer.data(), buffer.size());
      if (count <= 0) {  // a terminal whose other end is closed gives an error
        close(ends[e].fd);
        ends[e].fd = -1;
        --open;
        continue;
      }
      texts[e]->append(buffer.data(), static_cast<std::size_t>(count));
    }
    const auto holds = [&](const std::string& text) {
      return run.err.find(text) != std::string::npos || run.out.find(text) != std::string::npos;
    };
    if (!interrupted && holds(options.interrupt_at)) {
      for (int n = 0; n < options.times; ++n) kill(child, options.signal);
      interrupted = true;
    }
    if (!options.kill_at.empty() && run.out.find(options.kill_at) != std::string::npos) {
      kill(child, SIGKILL);
    }
  }
  int status = 0;
  waitpid(child, &status, 0);
  run.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

std::vector<Json> Outcome::objects() const {
  std::vector<Json> list;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) list.push_back(Json::parse(line));
  return list;
}

std::vector<Json> Outcome::objects(const std::string& event) const {
  std::vector<Json> list;
  for (Json& object : objects()) {
    if (object["event"] == event) list.push_back(std::move(object));
  }
  return list;
}

}  // namespace tusk::test
