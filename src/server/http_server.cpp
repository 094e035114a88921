#include "server/http_server.hpp"

#include <algorithm>
#include <new>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <tusk/error.hpp>

#include "server/connection.hpp"

namespace tusk::server {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr int kSavingThreads = 4;
constexpr int kTalkingThreads = 16;

int computing_threads(int wanted) {
  if (wanted > 0) return wanted;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

tcp::endpoint endpoint_of(const HttpOptions& options) {
  ErrorCode error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    throw UsageError(
        fmt::format("{} is no address to listen on, such as 127.0.0.1 or ::1", options.address));
  }
  return {address, options.port};
}

}  // namespace

HttpServer::HttpServer(HttpOptions options, std::shared_ptr<const ServedModel> model,
                       FeedbackFile* feedback)
    : options_(std::move(options)),
      model_(std::move(model)),
      feedback_(feedback),
      computing_(computing_threads(options_.threads), options_.limits.waiting),
      saving_(kSavingThreads, options_.limits.waiting),
      talking_(kTalkingThreads, options_.limits.waiting) {
  const tcp::endpoint endpoint = endpoint_of(options_);
  try {
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
  } catch (const boost::system::system_error& error) {
    throw Error(fmt::format("cannot listen on {} port {}: {}", options_.address, options_.port,
                            error.code().message()));
  }
}

HttpServer::~HttpServer() { done_ = true; }

void HttpServer::run() {
  accept();
  while (true) {
    try {
      io_.run();
      return;
    } catch (const std::bad_alloc&) {
      // The connection that had no memory has ended with its handler; the others go on.
      metrics_.count_refused("out-of-memory");
    }
  }
}

void HttpServer::accept() {
  acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
    if (stopping_ || error == asio::error::operation_aborted) return;
    if (!error) {
      accept();
      on_accept(std::move(socket));
      return;
    }
    // The machine or this program has too many open files: some may be closed soon.
    constexpr std::chrono::milliseconds kPause{100};
    accept_timer_.expires_after(kPause);
    accept_timer_.async_wait([this](ErrorCode cancelled) {
      if (!cancelled && !stopping_) accept();
    });
  });
}

void HttpServer::on_accept(tcp::socket socket) {
  metrics_.count_connection();
  const bool refuse = connections_.size() >= options_.limits.connections && !make_room();
  const auto connection = std::make_shared<Connection>(std::move(socket), *this);
  connections_.insert(connection.get());
  connection->start(refuse);
}

// Ends the connection that has waited the longest for its client, if one does.
bool HttpServer::make_room() {
  Connection* oldest = nullptr;
  for (Connection* const connection : connections_) {
    if (!connection->waits_for_client()) continue;
    if (oldest == nullptr || connection->waits_since() < oldest->waits_since()) oldest = connection;
  }
  if (oldest == nullptr) return false;
  metrics_.count_refused("evicted");
  oldest->abort();
  return true;
}

void HttpServer::stop() {
  asio::post(io_, [this] {
    if (stopping_) {
      io_.stop();
      return;
    }
    stopping_ = true;
    ErrorCode ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
    const std::set<Connection*> all = connections_;
    for (Connection* const connection : all) connection->stop();
    stop_timer_.expires_after(options_.limits.stop_time);
    stop_timer_.async_wait([this](ErrorCode cancelled) {
      if (!cancelled) io_.stop();
    });
    end_if_done();
  });
}

void HttpServer::end_if_done() {
  if (stopping_ && !done_ && connections_.empty()) io_.stop();
}

void HttpServer::replace(std::shared_ptr<const ServedModel> model) {
  asio::post(io_, [this, model = std::move(model)]() mutable { model_ = std::move(model); });
}

void HttpServer::count_reload(bool loaded) {
  asio::post(io_, [this, loaded] { metrics_.count_reload(loaded); });
}

void HttpServer::remove(Connection* connection) {
  connections_.erase(connection);
  end_if_done();
}

void HttpServer::record(const LogEntry& entry, std::string_view route) {
  metrics_.count(route, entry.method, entry.status, entry.seconds, entry.bytes);
  if (route == "none" && !entry.problem.empty()) metrics_.count_refused(entry.problem);
  metrics_.set_connections(connections_.size());
  metrics_.set_waiting(computing_.waiting() + saving_.waiting() + talking_.waiting());
  if (options_.log == LogFormat::none || !options_.write_log) return;
  options_.write_log(log_line(options_.log, entry));
}

void HttpServer::warn(const std::string& text) {
  constexpr std::size_t kMostWarnings = 100;
  if (!options_.on_warning || warned_.size() >= kMostWarnings) return;
  if (warned_.insert(text).second) options_.on_warning(text);
}

}  // namespace tusk::server
