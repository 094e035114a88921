#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tusk/tusk.hpp>

#include "cli/command.hpp"
#include "cli/evaluation_options.hpp"
#include "cli/input_options.hpp"
#include "cli/llm_options.hpp"
#include "cli/validators.hpp"
#include "server/serve.hpp"
#include "support/input_file.hpp"
#include "support/text.hpp"

namespace tusk::cli {
namespace {

constexpr int kUsualPort = 7878;
constexpr int kLastPort = 65535;
constexpr const char* kTokenVariable = "TUSK_TOKEN";

struct ListenPlace {
  std::string address = "127.0.0.1";
  std::optional<int> port;
};

// "0.0.0.0", "0.0.0.0:80", "::1", "[::1]:80".
ListenPlace parse_place(const std::string& text) {
  ListenPlace place;
  const bool bracketed = text.starts_with('[');
  const std::size_t close = bracketed ? text.find(']') : 0;
  std::size_t colon = bracketed && close != std::string::npos ? close + 1 : text.find(':');
  // More than one colon without brackets is an IPv6 address.
  if (!bracketed && colon != text.rfind(':')) colon = std::string::npos;
  place.address = bracketed ? text.substr(1, close - 1) : text.substr(0, colon);
  if (colon == std::string::npos || colon >= text.size()) return place;
  place.port = parse_int(text.substr(colon + 1));
  if (text[colon] != ':' || !place.port || *place.port < 0 || *place.port > kLastPort) {
    throw UsageError(
        fmt::format("--listen is {}; it must be ADDRESS or ADDRESS:PORT", short_text(text)));
  }
  return place;
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

std::string url_of(const std::string& address, int port) {
  const bool any = address == "0.0.0.0" || address == "::";
  const std::string host = any                                      ? "localhost"
                           : address.find(':') != std::string::npos ? fmt::format("[{}]", address)
                                                                    : address;
  return fmt::format("http://{}:{}/", host, port);
}

class ServeCommand : public Command {
 public:
  std::string name() const override { return "serve"; }
  std::string summary() const override {
    return "answer requests over HTTP: a page and a JSON API";
  }
  std::string examples() const override {
    return "tusk serve model.safetensors\n"
           "tusk serve model.safetensors --port 0 --feedback ratings.csv --watch\n"
           "tusk serve model.safetensors --listen 0.0.0.0:8080 --token-file token.txt --log json";
  }

  void declare(CLI::App& app) override {
    model_.declare(app);
    {
      const Heading heading(app, "Where");
      app.add_option(
          "--listen", listen_,
          "ADDRESS or ADDRESS:PORT. Any but the loopback's needs a token: the server has "
          "no TLS, so let a proxy of yours have it");
      port_option_ =
          app.add_option("--port", port_, "port; 0 takes one that is free, and says which")
              ->check(whole_number(0, kLastPort));
      app.add_option("--host", hosts_,
                     "name by which the server is called, beside localhost and addresses; can be "
                     "given again")
          ->allow_extra_args(false);
    }
    {
      const Heading heading(app, "For whom");
      app.add_option("--token-file", token_file_,
                     "file with a token, of 16 or more characters, that requests must have; or set "
                     "TUSK_TOKEN to the token itself");
      app.add_option(
             "--allow-origin", origins_,
             "origin of another site whose pages may use the API, https://shop.example; can "
             "be given again")
          ->allow_extra_args(false);
      app.add_option("--max-body", max_body_, "largest body of a request")
          ->transform(memory_size())
          ->default_str("1M");
      app.add_option("--max-connections", max_connections_,
                     "connections at a time; another one ends the one that is idle the longest")
          ->check(whole_number(1, 100'000));
      app.add_option("--threads", threads_,
                     "threads that compute; 0 takes as many as the machine has")
          ->check(whole_number(0, 4096));
    }
    {
      const Heading heading(app, "What");
      app.add_option("--feedback", feedback_,
                     "add the ratings that are sent to this file, which `tusk update` takes");
      app.add_flag("--watch", watch_,
                   "read the model again when its file changes; SIGHUP does so once");
      order_.declare(app);
    }
    llm_.declare(app);
    const Heading heading(app, "Output");
    app.add_option("--log", log_, "a line for each request, to stderr: text, json or none")
        ->transform(one_of({"text", "json", "none"}));
  }

  void check_given(const GivenOptions& given) override { llm_.check_given(given); }

  int run(Console& console) override {
    server::ServeOptions options;
    options.open_assistant = [&](std::function<bool()> stop) {
      return llm_.open(console, std::move(stop));
    };
    options.model = model_.path();
    options.checksum = model_.checksum();
    options.order = [this](const Model& model) { return order_.order(model); };
    options.feedback = feedback_;
    options.watch = watch_;
    set_http(options.http, console);
    std::mutex mutex;
    options.on_note = [&](const std::string& text) {
      const std::lock_guard lock(mutex);
      console.note(text);
    };
    options.on_warning = [&](const std::string& text) {
      const std::lock_guard lock(mutex);
      console.warn(text);
    };
    options.http.write_log = [&](std::string_view line) {
      const std::lock_guard lock(mutex);
      const std::string text = fmt::format("{}\n", line);
      std::fwrite(text.data(), 1, text.size(), stderr);
    };
    options.on_ready = [&](std::uint16_t port) {
      const std::string url = url_of(options.http.address, port);
      console.event({{"event", "serving"}, {"url", url}, {"port", port}, {"model", model_.path()}});
      console.print("serving {} at {}", model_.path(), url);
      std::fflush(stdout);
      options.on_note("Ctrl-C ends it");
    };
    server::serve(options);
    console.note("ended");
    return exit_done;
  }

 private:
  void set_http(server::HttpOptions& http, Console& console) const {
    const ListenPlace place = parse_place(listen_);
    if (place.port && port_option_->count() > 0 && *place.port != port_) {
      throw UsageError("--listen and --port name different ports");
    }
    http.address = place.address;
    http.port = static_cast<std::uint16_t>(place.port.value_or(port_));
    http.threads = threads_;
    http.access.token = token();
    for (const std::string& host : hosts_) http.access.hosts.push_back(lower_case(host));
    for (const std::string& text : origins_) {
      const auto origin = server::normal_origin(text);
      if (!origin) {
        throw UsageError(
            fmt::format("--allow-origin is {}; it must be an origin such as "
                        "https://shop.example",
                        short_text(text)));
      }
      http.access.origins.push_back(*origin);
    }
    http.limits.body_bytes = max_body_;
    http.limits.connections = static_cast<std::size_t>(max_connections_);
    http.log = log_ == "json"   ? server::LogFormat::json
               : log_ == "text" ? server::LogFormat::text
                                : server::LogFormat::none;
    if (is_loopback(http.address)) return;
    if (http.access.token.empty()) {
      throw UsageError(
          fmt::format("--listen {} lets other machines in: give a token by --token-file "
                      "or {}, or listen on 127.0.0.1",
                      short_text(listen_), kTokenVariable));
    }
    console.warn(
        fmt::format("other machines can reach {}; without TLS, whoever is on the way can "
                    "read the token",
                    http.address));
  }

  std::string token() const {
    constexpr std::size_t kShortest = 16;
    const char* const variable = std::getenv(kTokenVariable);
    if (variable != nullptr && !token_file_.empty()) {
      throw UsageError(fmt::format("--token-file and {} both give a token", kTokenVariable));
    }
    if (variable == nullptr && token_file_.empty()) return {};
    const std::string text = variable != nullptr ? variable : read_whole_file(token_file_);
    const std::string token(trimmed(text.substr(0, text.find('\n'))));
    const bool plain =
        std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (token.size() < kShortest || !plain) {
      throw UsageError(
          fmt::format("the token must have {} or more characters, of ASCII and without "
                      "blanks",
                      kShortest));
    }
    return token;
  }

  ModelOption model_;
  ListOrderFlags order_;
  LlmFlags llm_;
  std::string listen_ = "127.0.0.1";
  int port_ = kUsualPort;
  std::vector<std::string> hosts_;
  std::vector<std::string> origins_;
  std::string token_file_;
  std::uint64_t max_body_ = std::uint64_t{1} << 20;
  int max_connections_ = 512;
  int threads_ = 0;
  std::string feedback_;
  bool watch_ = false;
  std::string log_ = "text";
  const CLI::Option* port_option_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_serve_command() { return std::make_unique<ServeCommand>(); }

}  // namespace tusk::cli
