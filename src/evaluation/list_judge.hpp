// Judges lists of one length and adds them up.
#pragma once

#include <cstdint>
#include <span>

#include <tusk/ranking.hpp>

#include "evaluation/list_diversity.hpp"
#include "evaluation/list_totals.hpp"
#include "evaluation/ranked_list.hpp"
#include "evaluation/test_users.hpp"

namespace tusk {

class ListJudge {
 public:
  // `seen`: what lists leave out, users x items. `ratings` and `common` as in ListTotals.
  // Everything is borrowed.
  ListJudge(const Model& model, const CsrView& seen, std::span<const std::int64_t> ratings,
            const CommonOrder* common, int k)
      : seen_(seen),
        common_(common),
        k_(k),
        totals_(model, ratings, common),
        diversity_(model, common) {}

  // `list` is of the length or longer.
  void judge(const TestUser& user, const RankedList& list);

  // Sets what there is to say of all lists; the options and counts of `metrics` are there.
  void report(RankingMetrics& metrics) const;

 private:
  // What shares the last `places` of a list.
  TieGroup tie_of(const TestUser& user, const RankedList& list, std::int64_t places);
  TieGroup range_of(const TestUser& user, const RankedList& list, std::int64_t places);

  CsrView seen_;
  const CommonOrder* common_;
  int k_;
  ListTotals totals_;
  ListDiversity diversity_;
  std::int64_t tied_users_ = 0;
  std::vector<JudgedUser> judged_;
};

}  // namespace tusk
