// HTTP/1.1 on a port.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/http_options.hpp"
#include "server/metrics.hpp"
#include "server/router.hpp"
#include "server/worker_pool.hpp"

namespace tusk::server {

class Connection;

// Connections are read and written by the thread that calls run(), and requests are answered by
// threads of its own, so that a slow request holds up no other.
class HttpServer {
 public:
  // Listens, but answers only in run(). `feedback` is borrowed and may be null. Throws UsageError
  // for what is no address, and Error if it cannot listen there.
  HttpServer(HttpOptions options, std::shared_ptr<const ServedModel> model, FeedbackFile* feedback);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const { return port_; }
  boost::asio::io_context& context() { return io_; }

  // Returns when all connections have ended after stop().
  void run();

  // What follows may be called by any thread.

  // Takes no more connections, ends those that wait for a request, and lets the others have their
  // answers, for Limits::stop_time. Called again, it ends all at once.
  void stop();
  // Answers requests that come from now on from this model.
  void replace(std::shared_ptr<const ServedModel> model);
  void count_reload(bool loaded);

 private:
  friend class Connection;

  void accept();
  void on_accept(boost::asio::ip::tcp::socket socket);
  bool make_room();
  void end_if_done();

  // For connections.
  const HttpOptions& options() const { return options_; }
  Context answer_context() const { return {model_, feedback_, &metrics_, stopping_}; }
  WorkerPool& pool(Work work) {
    return work == Work::saving ? saving_ : work == Work::talking ? talking_ : computing_;
  }
  bool stopping() const { return stopping_; }
  void remove(Connection* connection);
  void record(const LogEntry& entry, std::string_view route);
  void warn(const std::string& text);

  const HttpOptions options_;
  std::shared_ptr<const ServedModel> model_;
  FeedbackFile* feedback_;
  mutable Metrics metrics_;
  std::set<Connection*> connections_;  // each owns itself
  std::set<std::string> warned_;
  bool stopping_ = false;
  bool done_ = false;
  std::uint16_t port_ = 0;
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor acceptor_{io_};
  boost::asio::steady_timer accept_timer_{io_};
  boost::asio::steady_timer stop_timer_{io_};
  WorkerPool computing_;  // these last: their threads end before what they use
  WorkerPool saving_;
  WorkerPool talking_;
};

}  // namespace tusk::server
