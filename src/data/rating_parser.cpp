#include "data/rating_parser.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "data/table_format.hpp"
#include "distributed/collectives.hpp"
#include "support/text.hpp"

namespace tusk {
namespace {

// The pieces that this process parses: about as many as each of the others, in the order of ranks.
template <class Piece>
std::vector<Piece> own_part(std::vector<Piece> pieces, const Communicator* processes) {
  if (processes == nullptr) return pieces;
  const auto at = [&](int rank) {
    return pieces.begin() + std::ssize(pieces) * rank / processes->size();
  };
  return {at(processes->rank()), at(processes->rank() + 1)};
}

// What the parts of all processes have met, on all of them.
void add_all(ParsedRatings& ratings, Communicator* processes) {
  if (processes == nullptr) return;
  for (std::int64_t* count : {&ratings.rows, &ratings.bad_rows, &ratings.unrated,
                              &ratings.missing_times, &ratings.unreadable_times}) {
    *count = sum_of_all(processes, *count);
  }
  ratings.first_bad_row = first_text(processes, ratings.first_bad_row);
  ratings.first_unreadable_time = first_text(processes, ratings.first_unreadable_time);
  for (const auto& one : gather_on_all(*processes, std::vector{ratings.largest_rounding})) {
    ratings.largest_rounding = std::max(ratings.largest_rounding, one[0]);
  }
}

// Whether a row can be read without those above it.
bool rows_stand_alone(FileLayout kind) {
  return kind == FileLayout::table || kind == FileLayout::json_lines;
}

}  // namespace

RatingText::RatingText(const TextFile& file, const RatingFormat& format, const ReadOptions& options,
                       std::uint64_t bytes_per_piece, MoreFiles more)
    : file_(file),
      format_(format),
      options_(options),
      bytes_per_piece_(bytes_per_piece),
      more_(std::move(more)),
      rows_begin_(file.head_begin()) {
  const TableBody body = table_body(file.head(), format.header);
  rows_begin_ += file.head().size() - body.rows.size();
  lines_above_ = body.lines_above;
}

std::vector<RatingText::Piece> RatingText::pieces() const {
  std::vector<Piece> pieces;
  const std::uint64_t end = file_.file().size();
  std::uint64_t bytes = rows_stand_alone(format_.kind) ? bytes_per_piece_ : end - rows_begin_;
  if (options_.processes && rows_stand_alone(format_.kind)) {
    const auto processes = static_cast<std::uint64_t>(options_.processes->size());
    bytes = std::min(bytes, (end - rows_begin_) / processes + 1);
  }
  for (std::uint64_t begin = rows_begin_; begin < end; begin += bytes) {
    pieces.push_back({0, begin, begin + bytes});
  }
  for (std::size_t f = 1; f <= more_.paths.size(); ++f) pieces.push_back({f, 0, 0});
  return pieces;
}

std::string RatingText::name(std::size_t file) const {
  return file == 0 ? file_.name() : shown_name(more_.paths[file - 1]);
}

template <class Work>
auto RatingText::with_lines(const Piece& piece, const Work& work) const {
  if (piece.file == 0) {
    return work(LineBlocks(file_.file(), rows_begin_, piece.begin, piece.end),
                piece.end - piece.begin);
  }
  const TextFile file(more_.paths[piece.file - 1], "a text file of ratings", more_.open);
  const std::uint64_t end = file.file().size();
  auto result = work(LineBlocks(file.file(), file.head_begin(), file.head_begin(), end), end);
  file.file().check_unchanged();
  return result;
}

ParsedRatings RatingText::parse(ThreadPool& threads,
                                const std::function<void(std::int64_t)>& on_parsed) const {
  Communicator* const processes = options_.processes.get();
  const std::vector<Piece> pieces = own_part(this->pieces(), processes);
  std::vector<ParsedPiece> parsed(pieces.size());
  ParsedRatings ratings;
  ratings.ids.resize(static_cast<std::size_t>(threads.threads()));
  // With an error in one piece those behind it need no parsing.
  std::atomic<std::int64_t> last = std::ssize(pieces);
  const auto parse_one = [&](std::int64_t p, int thread) {
    if (p > last) return;
    const auto number = static_cast<std::size_t>(p);
    const auto ids = static_cast<std::size_t>(thread);
    parsed[number] = with_lines(pieces[number], [&](LineBlocks lines, std::uint64_t bytes) {
      return PieceParser(format_, options_, ratings.ids[ids])
          .parse(std::move(lines), bytes, on_parsed);
    });
    parsed[number].chunk.ids = ids;
    if (!parsed[number].first_bad || options_.on_bad == BadRows::skip) return;
    for (std::int64_t before = last; p < before && !last.compare_exchange_weak(before, p);) {
    }
  };
  agree(processes, [&] { threads.parallel_for(std::ssize(pieces), parse_one); });

  std::int64_t lines = lines_above_ + lines_before(pieces, parsed, processes);
  agree(processes, [&] {
    for (std::size_t p = 0; p < pieces.size(); ++p) {
      if (pieces[p].file > 0 && (p == 0 || pieces[p].file != pieces[p - 1].file)) lines = 0;
      add(pieces[p], lines, parsed[p], ratings);
      lines += parsed[p].lines;
      ratings.rows += std::ssize(parsed[p].chunk.user);
      ratings.chunks.push_back(std::move(parsed[p].chunk));
    }
  });
  add_all(ratings, processes);
  if (ratings.rows > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError({file_.name(), 0, 0}, fmt::format("{} ratings", ratings.rows),
                     "at most 4294967295");
  }
  if (ratings.rows == 0) {
    throw InputError({file_.name(), 0, 0},
                     ratings.bad_rows > 0 ? fmt::format("{} and no good one (the first: {})",
                                                        count_text(ratings.bad_rows, "bad row"),
                                                        ratings.first_bad_row)
                                          : "a header and nothing below it",
                     "rows of user, item and rating");
  }
  return ratings;
}

// The lines of the first file that the processes before this one have.
std::int64_t RatingText::lines_before(std::span<const Piece> pieces,
                                      std::span<const ParsedPiece> parsed,
                                      Communicator* processes) {
  std::int64_t own = 0;
  for (std::size_t p = 0; p < pieces.size(); ++p) own += pieces[p].file == 0 ? parsed[p].lines : 0;
  std::int64_t before = 0;
  std::int64_t lines = 0;
  in_turn(processes, std::as_writable_bytes(std::span(&lines, 1)), [&] {
    before = lines;
    lines += own;
  });
  return before;
}

void RatingText::add(const Piece& piece, std::int64_t lines_above, ParsedPiece& part,
                     ParsedRatings& ratings) const {
  const auto as_error = [&](const BadLine& at) {
    return InputError({name(piece.file), lines_above + at.line, at.what.column}, at.what.found,
                      at.what.expected);
  };
  if (part.first_bad && ratings.bad_rows == 0) {
    const InputError error = as_error(*part.first_bad);
    if (options_.on_bad == BadRows::error) throw error;
    ratings.first_bad_row = error.what();
  }
  if (part.first_unreadable_time && ratings.unreadable_times == 0) {
    ratings.first_unreadable_time = as_error(*part.first_unreadable_time).what();
  }
  ratings.bad_rows += part.bad_rows;
  ratings.unrated += part.unrated;
  ratings.missing_times += part.missing_times;
  ratings.unreadable_times += part.unreadable_times;
  ratings.largest_rounding = std::max(ratings.largest_rounding, part.largest_rounding);
}

std::vector<TextPosition> RatingText::places_of(std::string_view user,
                                                std::string_view item) const {
  std::vector<TextPosition> places;
  IdDictionaries ids;
  ReadOptions lenient = options_;
  lenient.on_bad = BadRows::skip;
  for (std::size_t f = 0; f <= more_.paths.size(); ++f) {
    const Piece whole = {f, rows_begin_, file_.file().size()};
    const std::int64_t above = f == 0 ? lines_above_ : 0;
    with_lines(whole, [&](LineBlocks lines, std::uint64_t) {
      PieceParser(format_, lenient, ids)
          .visit_ids(std::move(lines),
                     [&](std::string_view its_user, std::string_view its_item, std::int64_t line) {
                       if (its_user != user || its_item != item) return;
                       places.push_back({name(f), above + line, 0});
                     });
      return 0;
    });
  }
  return places;
}

}  // namespace tusk
