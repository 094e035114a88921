#include "server/connection.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include "server/answer_headers.hpp"
#include "server/http_server.hpp"
#include "server/problem.hpp"
#include "server/served_model.hpp"
#include "server/target.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::size_t kReadSize = 4096;

// Of the label of metrics: a route, the page, or none.
std::string_view route_label(const Match& match) {
  if (match.route == nullptr) return "none";
  return match.route->path == "/{file}" ? "page" : match.route->path;
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, HttpServer& server)
    : socket_(std::move(socket)),
      server_(server),
      // Room for a whole header and what comes with it.
      buffer_(server.options().limits.header_bytes + kReadSize),
      deadline_(socket_.get_executor()) {
  ErrorCode ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = socket_.remote_endpoint(ignored);
  address_ = ignored ? "" : peer.address().to_string();
}

Connection::~Connection() { server_.remove(this); }

void Connection::start(bool refuse_it) {
  if (!refuse_it) return wait_for_request();
  began_ = Clock::now();
  refuse(
      Problem(503, "busy", "the server has too many connections").with_header("Retry-After", "1"));
}

void Connection::stop() {
  if (is_idle_) abort();
}

void Connection::abort() {
  ErrorCode ignored;
  reads_ = false;
  deadline_.cancel();
  socket_.close(ignored);
}

// Cancels what the socket waits for when the time is over.
void Connection::set_deadline(std::chrono::milliseconds time) {
  const std::size_t number = ++deadlines_;
  deadline_.expires_after(time);
  deadline_.async_wait([self = shared_from_this(), number](ErrorCode cancelled) {
    if (cancelled || number != self->deadlines_) return;
    self->timed_out_ = true;
    ErrorCode ignored;
    self->socket_.cancel(ignored);
  });
}

void Connection::wait_for_request() {
  request_ = {};
  match_ = {};
  allowed_origin_.clear();
  timed_out_ = false;
  if (buffer_.size() > 0) return read_header();
  if (server_.stopping()) return finish();
  is_idle_ = reads_ = true;
  waits_since_ = Clock::now();
  set_deadline(server_.options().limits.idle_time);
  socket_.async_read_some(buffer_.prepare(kReadSize),
                          [self = shared_from_this()](ErrorCode error, std::size_t count) {
                            self->is_idle_ = false;
                            if (error) return self->abort();
                            self->buffer_.commit(count);
                            self->read_header();
                          });
}

void Connection::read_header() {
  const Limits& limits = server_.options().limits;
  began_ = Clock::now();
  reads_ = true;
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser_->body_limit(limits.body_bytes);
  set_deadline(limits.header_time);
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_header(error); });
}

void Connection::on_header(ErrorCode error) {
  if (error) return refuse(error);
  try {
    take_header();
  } catch (const Problem& problem) {
    return refuse(problem);
  }
  if (request_.method == "OPTIONS") return answer_options();
  if (parser_->is_done()) return dispatch();
  const auto expected = request_.header("expect");
  return expected ? send_continue() : read_body();
}

// Everything that can be said of a request before its body is read.
void Connection::take_header() {
  const AccessRules& access = server_.options().access;
  const auto& header = parser_->get().base();
  request_.method = header.method_string();
  request_.target = header.target();
  for (const auto& field : header) {
    request_.headers.emplace_back(lower_case(field.name_string()), field.value());
  }
  check_framing();
  if (request_.headers.size() > server_.options().limits.header_lines) {
    throw Problem(431, "headers-too-large",
                  fmt::format("the request has more than {} header lines",
                              server_.options().limits.header_lines));
  }
  if (header.method() == http::verb::unknown) {
    throw Problem(501, "bad-request", "the server does not have this method");
  }
  const bool of_server = request_.method == "OPTIONS" && request_.target == "*";
  Target target = of_server ? Target() : parse_target(request_.target);
  check_host(access, request_, target.authority);
  request_.segments = std::move(target.segments);
  request_.query = std::move(target.query);
  allowed_origin_ = check_origin(access, request_).value_or("");
  if (request_.method == "OPTIONS") return;
  match_ = find_route(request_.method, request_.segments);
  if (!match_.route->is_open) check_token(access, request_);
  check_body_headers();
}

// Whether it is clear where the body ends. If not, the next request cannot be told from it, and the
// connection ends with the answer.
void Connection::check_framing() {
  is_framed_ = false;
  if (const auto coding = request_.header("transfer-encoding")) {
    // Another one before it would be a compressed body.
    if (lower_case(*coding) != "chunked") {
      throw Problem(501, "bad-request", "the server has no transfer coding but chunked");
    }
    if (parser_->get().version() < 11) {
      throw Problem(400, "bad-request", "HTTP/1.0 has no transfer coding");
    }
  }
  const auto length = request_.header("content-length");
  if (length && length->find_first_not_of("0123456789") != std::string_view::npos) {
    throw Problem(400, "bad-request", "Content-Length is not a number");
  }
  is_framed_ = true;
}

void Connection::check_body_headers() const {
  const auto encoding = request_.header("content-encoding");
  if (encoding && lower_case(*encoding) != "identity") {
    throw Problem(415, "unsupported-media-type", "compressed bodies are not read");
  }
  const auto expected = request_.header("expect");
  if (expected && lower_case(*expected) != "100-continue") {
    throw Problem(417, "bad-request", "the server meets no expectation but 100-continue");
  }
  if (request_.method != "POST") return;
  const std::string_view type = request_.header("content-type").value_or("");
  const std::string_view media = type.substr(0, type.find(';'));
  if (lower_case(trimmed(media)) != "application/json") {
    throw Problem(415, "unsupported-media-type",
                  "a body must have the header Content-Type: application/json");
  }
}

void Connection::answer_options() {
  const bool of_server = request_.target == "*";
  const std::string allowed =
      of_server ? "GET, HEAD, POST, OPTIONS" : allowed_methods(request_.segments);
  if (allowed.empty()) return refuse(Problem(404, "not-found", "there is nothing at this path"));
  Response response{204, {}, {}, {{"Allow", allowed}}};
  if (!allowed_origin_.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Methods", allowed);
    response.headers.emplace_back("Access-Control-Allow-Headers", "Authorization, Content-Type");
    response.headers.emplace_back("Access-Control-Max-Age", "600");
  }
  respond(std::move(response), may_keep_alive());
}

void Connection::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  set_deadline(server_.options().limits.write_time);
  asio::async_write(socket_, asio::buffer(kContinue),
                    [self = shared_from_this()](ErrorCode error, std::size_t) {
                      if (error) return self->abort();
                      self->read_body();
                    });
}

void Connection::read_body() {
  set_deadline(server_.options().limits.body_time);
  http::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](ErrorCode error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(ErrorCode error) {
  if (error) return refuse(error);
  request_.body = std::move(parser_->get().body());
  dispatch();
}

bool Connection::may_keep_alive() const {
  return parser_ && is_framed_ && parser_->is_done() && parser_->keep_alive() &&
         !server_.stopping();
}

void Connection::dispatch() {
  reads_ = false;
  ++deadlines_;
  deadline_.cancel();
  const Context context = server_.answer_context();
  const Work work = work_of(*match_.route, context);
  if (work == Work::none) {
    return respond(answer(match_, context, request_), may_keep_alive());
  }
  const bool submitted = server_.pool(work).submit([self = shared_from_this(), context]() mutable {
    Response response = answer(self->match_, context, self->request_);
    auto& io = self->server_.context();
    // The connection must end, if it does, in the server's thread.
    asio::post(io, [self = std::move(self), response = std::move(response)]() mutable {
      self->respond(std::move(response), self->may_keep_alive());
    });
  });
  if (!submitted) {
    refuse(Problem(503, "busy", "too many requests wait").with_header("Retry-After", "1"));
  }
}

Problem Connection::problem_of(ErrorCode error) const {
  if (timed_out_) return {408, "too-slow", "the request did not arrive in time"};
  if (error == http::error::body_limit) {
    return {413, "too-large",
            fmt::format("the body has more than {} bytes", server_.options().limits.body_bytes)};
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    const std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    const bool in_target = !parser_->is_header_done() && bytes.find('\n') == std::string_view::npos;
    if (in_target) return {414, "target-too-long", "the path and the query are too long"};
    return {
        431, "headers-too-large",
        fmt::format("the header has more than {} bytes", server_.options().limits.header_bytes)};
  }
  if (error == http::error::bad_version) {
    return {505, "bad-request", "the server has HTTP/1.0 and HTTP/1.1"};
  }
  return {400, "bad-request", fmt::format("the request is not HTTP/1.1: {}", error.message())};
}

void Connection::refuse(ErrorCode error) {
  const bool of_http =
      error.category() == http::make_error_code(http::error::bad_method).category();
  const bool gone = error == http::error::end_of_stream || error == http::error::partial_message;
  if (timed_out_ ? !socket_.is_open() : !of_http || gone) return abort();
  if (request_.method.empty()) {  // for the log, as far as it has come
    request_.method = parser_->get().method_string();
    request_.target = parser_->get().target();
  }
  refuse(problem_of(error));
}

void Connection::refuse(const Problem& problem) {
  // What is left of the request is not read: the next one cannot be told from it.
  respond(problem.response(), may_keep_alive());
}

void Connection::respond(Response response, bool keep_alive) {
  reads_ = false;
  timed_out_ = false;
  keep_alive_ = keep_alive;
  const auto now = std::chrono::system_clock::now();
  const bool of_api = match_.route != nullptr && match_.route->path.starts_with("/api/");
  add_usual_headers(response,
                    {.now = now,
                     .allowed_origin = allowed_origin_,
                     .model_version = of_api ? server_.answer_context().model->version() : ""});
  LogEntry entry{now,
                 address_,
                 request_.method,
                 request_.target,
                 response.status,
                 response.body.size(),
                 std::chrono::duration<double>(Clock::now() - began_).count(),
                 response.problem};
  server_.record(entry, route_label(match_));
  if (!response.warning.empty()) server_.warn(response.warning);

  message_ = {};
  message_.version(parser_ && parser_->is_header_done() && parser_->get().version() < 11 ? 10 : 11);
  message_.result(static_cast<unsigned>(response.status));
  message_.reason(std::string(reason_phrase(response.status)));
  if (!response.type.empty() && response.status != 304) {
    message_.set(http::field::content_type, response.type);
  }
  for (const auto& [name, value] : response.headers) message_.insert(name, value);
  message_.body() = std::move(response.body);
  message_.keep_alive(keep_alive);
  message_.prepare_payload();
  if (response.status == 204 || response.status == 304) message_.erase(http::field::content_length);
  serializer_.emplace(message_);
  set_deadline(server_.options().limits.write_time);
  const auto written = [self = shared_from_this()](ErrorCode error, std::size_t) {
    self->on_written(error);
  };
  if (request_.method == "HEAD") {
    http::async_write_header(socket_, *serializer_, written);
  } else {
    http::async_write(socket_, *serializer_, written);
  }
}

void Connection::on_written(ErrorCode error) {
  if (error) return abort();
  keep_alive_ ? wait_for_request() : finish();
}

// Closes it so that the client can read the answer: a socket that is closed with bytes unread tells
// the other side to forget what it has.
void Connection::finish() {
  constexpr std::size_t kMostDrained = 256 << 10;
  constexpr std::chrono::milliseconds kDrainTime{1000};
  ErrorCode error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (error) return abort();
  set_deadline(kDrainTime);
  drain(kMostDrained);
}

void Connection::drain(std::size_t left) {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(std::min(left, kReadSize)),
                          [self = shared_from_this(), left](ErrorCode error, std::size_t count) {
                            if (error || count >= left) return self->abort();
                            self->drain(left - count);
                          });
}

}  // namespace tusk::server
