// Which function answers which path.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/message.hpp"

namespace tusk::server {

class FeedbackFile;
class Metrics;
class ServedModel;

// What handlers answer from.
struct Context {
  std::shared_ptr<const ServedModel> model;
  FeedbackFile* feedback = nullptr;  // null: none is kept
  const Metrics* metrics = nullptr;  // null: there are none
  bool stopping = false;
};

// The parts of the path that the route leaves open, in their order.
using PathIds = std::vector<std::string>;

using Handler = Response (*)(const Context& context, const Request& request, const PathIds& ids);

// Where a handler runs.
enum class Work {
  none,       // it takes no time: at once, where connections are read
  computing,  // on one of as many threads as the server computes with
  saving,     // it waits for a disk: on one of a few threads for this alone
  talking,    // it may wait for a language model: on one of the threads of a pool of its own
};

struct Route {
  std::string_view method;  // GET is HEAD, too
  std::string_view path;    // "/api/users/{id}/recommendations"
  Work work;
  bool is_open;  // to requests without the token
  Handler handler;
};

// Where a route runs: a conversation without a language model only computes.
Work work_of(const Route& route, const Context& context);

// All of them but the files of the page.
std::span<const Route> routes();

struct Match {
  const Route* route = nullptr;
  PathIds ids;
};

// The route of a method and a path. Throws Problem: 404, or 405 with the methods of the path.
Match find_route(std::string_view method, const std::vector<std::string>& segments);

// The methods of a path, "GET, HEAD, OPTIONS"; empty if nothing is there.
std::string allowed_methods(const std::vector<std::string>& segments);

// The answer of a route; what the handler throws becomes a problem.
Response answer(const Match& match, const Context& context, const Request& request);

// find_route() and answer() in one, for tests.
Response answer(const Context& context, const Request& request);

}  // namespace tusk::server
