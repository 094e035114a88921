// One client's connection: its requests, one after another.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include "server/message.hpp"
#include "server/router.hpp"

namespace tusk::server {

class HttpServer;
class Problem;

// Lives as long as one of its operations waits. All of it is used by the server's thread alone.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(boost::asio::ip::tcp::socket socket, HttpServer& server);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Reads requests, or refuses the connection because there are too many.
  void start(bool refuse);
  // Ends it if it waits for a request, or else after the answer.
  void stop();
  void abort();

  // Whether it reads, and since when it has not been answered.
  bool waits_for_client() const { return reads_; }
  Clock::time_point waits_since() const { return waits_since_; }

 private:
  using ErrorCode = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Message = boost::beast::http::response<boost::beast::http::string_body>;

  void wait_for_request();
  void read_header();
  void on_header(ErrorCode error);
  void take_header();
  void check_framing();
  void check_body_headers() const;
  void answer_options();
  void send_continue();
  void read_body();
  void on_body(ErrorCode error);
  void dispatch();
  void refuse(ErrorCode error);
  void refuse(const Problem& problem);
  void respond(Response response, bool keep_alive);
  void on_written(ErrorCode error);
  void finish();
  void drain(std::size_t left);
  void set_deadline(std::chrono::milliseconds time);
  bool may_keep_alive() const;
  Problem problem_of(ErrorCode error) const;

  boost::asio::ip::tcp::socket socket_;
  HttpServer& server_;
  std::string address_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  Request request_;
  Match match_;
  std::string allowed_origin_;
  Message message_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>>
      serializer_;
  boost::asio::steady_timer deadline_;
  std::size_t deadlines_ = 0;  // that were set: an earlier one does not count
  bool timed_out_ = false;
  bool is_framed_ = true;  // of the request
  bool is_idle_ = false;   // waits for the first byte of a request
  bool reads_ = false;
  bool keep_alive_ = false;  // after the answer that is written
  Clock::time_point waits_since_ = Clock::now();
  Clock::time_point began_;  // of the request
};

}  // namespace tusk::server
