#include "server/serve.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <tusk/error.hpp>

#include "server/feedback_file.hpp"
#include "server/http_server.hpp"
#include "server/served_model.hpp"

namespace tusk::server {
namespace {

using ErrorCode = boost::system::error_code;

// Whether the program has a terminal that controls it.
bool has_terminal() {
  const int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (terminal >= 0) close(terminal);
  return terminal >= 0;
}

// Whether a signal was ignored when the program began, as SIGHUP is by nohup.
bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

HttpOptions http_of(const ServeOptions& options) {
  HttpOptions http = options.http;
  http.on_warning = options.on_warning;
  return http;
}

// The server of a model file with its signals. All but load() is used by the server's thread.
class Serving {
 public:
  // `ended` becomes true when requests that still run are to end.
  Serving(const ServeOptions& options, std::shared_ptr<const ChatAssistant> assistant,
          std::shared_ptr<const ServedModel> model, std::string identity, FeedbackFile* feedback,
          std::atomic<bool>& ended)
      : options_(options),
        assistant_(std::move(assistant)),
        ended_(ended),
        identity_(std::move(identity)),
        server_(http_of(options), std::move(model), feedback),
        signals_(server_.context(), SIGHUP),
        watch_timer_(server_.context()) {
    for (const int signal : {SIGINT, SIGTERM}) {
      if (!is_ignored(signal)) signals_.add(signal);
    }
  }

  // The server waits for its threads when it goes, and they for the assistant.
  ~Serving() { ended_ = true; }
  Serving(const Serving&) = delete;
  Serving& operator=(const Serving&) = delete;

  void run() {
    wait_for_signal();
    if (options_.watch) watch();
    if (options_.on_ready) options_.on_ready(server_.port());
    server_.run();
  }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](ErrorCode error, int signal) {
      if (error) return;
      const bool terminal_is_closed = ends_with_terminal_ && !has_terminal();
      if (signal == SIGHUP && !terminal_is_closed) {
        reload();
      } else {
        server_.stop();
      }
      wait_for_signal();
    });
  }

  void watch() {
    constexpr std::chrono::milliseconds kPause{1000};
    watch_timer_.expires_after(kPause);
    watch_timer_.async_wait([this](ErrorCode error) {
      if (error) return;
      // A file that is copied over the old one changes for a while.
      const std::string now = file_identity(options_.model);
      if (!now.empty() && now != identity_ && now == seen_) reload();
      seen_ = now;
      watch();
    });
  }

  // Reads the file on a thread of its own. Asked for again meanwhile, it is read once more.
  void reload() {
    if (loading_) {
      again_ = true;
      return;
    }
    loading_ = true;
    identity_ = file_identity(options_.model);
    loader_ = std::jthread([this] { load(); });
  }

  void load() {
    std::shared_ptr<const ServedModel> model;
    std::string problem;
    try {
      model = load_served_model(options_.model, options_.checksum, options_.order, assistant_);
      model->warm_up();
    } catch (const std::exception& error) {
      model = nullptr;
      problem = error.what();
    }
    boost::asio::post(server_.context(), [this, model = std::move(model), problem] {
      server_.count_reload(model != nullptr);
      if (model != nullptr) {
        server_.replace(model);
        if (options_.on_note) {
          options_.on_note(fmt::format("{} is read again", options_.model.string()));
        }
      } else if (options_.on_warning) {
        options_.on_warning(fmt::format("the model stays as it is: {}", problem));
      }
      loading_ = false;
      if (std::exchange(again_, false)) reload();
    });
  }

  const ServeOptions& options_;
  const std::shared_ptr<const ChatAssistant> assistant_;
  std::atomic<bool>& ended_;
  const bool ends_with_terminal_ = !is_ignored(SIGHUP) && has_terminal();
  std::string identity_;  // of the file that was read last
  std::string seen_;      // when it was looked at last
  bool loading_ = false;
  bool again_ = false;
  HttpServer server_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer watch_timer_;
  std::jthread loader_;  // last, so that it ends before what it uses
};

}  // namespace

void serve(const ServeOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);  // a log that nobody reads is no reason to end
  std::optional<FeedbackFile> feedback;
  if (!options.feedback.empty()) feedback.emplace(options.feedback);
  std::atomic<bool> ended = false;
  std::shared_ptr<const ChatAssistant> assistant;
  if (options.open_assistant) {
    assistant = options.open_assistant([&ended] { return ended.load(); });
  }
  const std::string identity = file_identity(options.model);
  auto model = load_served_model(options.model, options.checksum, options.order, assistant);
  // In the background: the first list does not need it.
  const std::jthread warming([model] {
    try {
      model->warm_up();
    } catch (const std::exception&) {  // the request that needs it says why
    }
  });
  Serving(options, assistant, std::move(model), identity, feedback ? &*feedback : nullptr, ended)
      .run();
}

}  // namespace tusk::server
