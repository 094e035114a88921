#include "server/router.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <optional>

#include <fmt/format.h>

#include <tusk/error.hpp>

#include "server/handlers.hpp"
#include "server/page_files.hpp"
#include "server/problem.hpp"
#include "server/served_model.hpp"
#include "support/text.hpp"

namespace tusk::server {
namespace {

constexpr bool kOpen = true;
constexpr bool kNeedsToken = false;

constexpr std::array kRoutes = {
    Route{"GET", "/api/users/{id}/recommendations", Work::computing, kNeedsToken,
          &get_recommendations},
    Route{"POST", "/api/recommendations", Work::computing, kNeedsToken, &post_recommendations},
    Route{"GET", "/api/items/{id}/similar", Work::computing, kNeedsToken, &get_similar},
    Route{"GET", "/api/items", Work::computing, kNeedsToken, &get_items},
    Route{"GET", "/api/items/popular", Work::computing, kNeedsToken, &get_popular},
    Route{"GET", "/api/items/to-rate", Work::computing, kNeedsToken, &get_items_to_rate},
    Route{"POST", "/api/predict", Work::computing, kNeedsToken, &post_predict},
    Route{"POST", "/api/chat", Work::talking, kNeedsToken, &post_chat},
    Route{"POST", "/api/feedback", Work::saving, kNeedsToken, &post_feedback},
    Route{"GET", "/api/model", Work::none, kNeedsToken, &get_model},
    Route{"GET", "/openapi.json", Work::none, kOpen, &get_openapi},
    Route{"GET", "/health/live", Work::none, kOpen, &get_live},
    Route{"GET", "/health/ready", Work::none, kOpen, &get_ready},
    Route{"GET", "/metrics", Work::none, kNeedsToken, &get_metrics},
};

// Whatever is no route may be a file of the page.
constexpr Route kPage = {"GET", "/{file}", Work::none, kOpen, &get_page_file};

std::optional<PathIds> ids_of(std::string_view pattern, const std::vector<std::string>& segments) {
  pattern.remove_prefix(1);
  const std::vector<std::string_view> parts = split_text(pattern, "/");
  if (parts.size() != segments.size()) return std::nullopt;
  PathIds ids;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (parts[p].starts_with('{')) {
      ids.push_back(segments[p]);
    } else if (parts[p] != segments[p]) {
      return std::nullopt;
    }
  }
  return ids;
}

bool takes(const Route& route, std::string_view method) {
  return method == route.method || (method == "HEAD" && route.method == "GET");
}

}  // namespace

Work work_of(const Route& route, const Context& context) {
  if (route.work == Work::talking && !context.model->has_assistant()) return Work::computing;
  return route.work;
}

std::span<const Route> routes() { return kRoutes; }

std::string allowed_methods(const std::vector<std::string>& segments) {
  std::string methods;
  const auto add = [&](std::string_view method) {
    methods += fmt::format("{}{}", methods.empty() ? "" : ", ", method);
    if (method == "GET") methods += ", HEAD";
  };
  for (const Route& route : kRoutes) {
    if (ids_of(route.path, segments)) add(route.method);
  }
  if (find_page_file(segments) != nullptr) add("GET");
  return methods.empty() ? methods : methods + ", OPTIONS";
}

Match find_route(std::string_view method, const std::vector<std::string>& segments) {
  for (const Route& route : kRoutes) {
    if (!takes(route, method)) continue;
    if (auto ids = ids_of(route.path, segments)) return {&route, std::move(*ids)};
  }
  if (takes(kPage, method) && find_page_file(segments) != nullptr) return {&kPage, segments};
  const std::string allowed = allowed_methods(segments);
  if (allowed.empty()) {
    throw Problem(404, "not-found", "there is nothing at this path; /openapi.json lists the paths");
  }
  throw Problem(405, "method-not-allowed", fmt::format("this path has {}", allowed))
      .with_header("Allow", allowed);
}

Response answer(const Match& match, const Context& context, const Request& request) {
  try {
    return match.route->handler(context, request, match.ids);
  } catch (const Problem& problem) {
    return problem.response();
  } catch (const Interrupted&) {
    return stopping_problem().response();
  } catch (const UsageError& error) {
    return Problem(422, "invalid-value", error.what()).response();
  } catch (const InputError& error) {
    return Problem(422, "invalid-value", error.what()).response();
  } catch (const std::bad_alloc&) {
    return Problem(503, "busy", "the server is out of memory")
        .with_header("Retry-After", "1")
        .response();
  } catch (const std::exception& error) {
    return Problem(500, "internal", error.what()).response();
  }
}

Response answer(const Context& context, const Request& request) {
  try {
    return answer(find_route(request.method, request.segments), context, request);
  } catch (const Problem& problem) {
    return problem.response();
  }
}

}  // namespace tusk::server
