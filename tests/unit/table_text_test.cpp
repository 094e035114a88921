// Tables of results in the formats that papers take.
#include <gtest/gtest.h>

#include <tusk/table_text.hpp>

namespace tusk {
namespace {

const TextRows kRows = {{"model", "RMSE", "difference", "p"},
                        {"item-knn_2", "0.9213", "", ""},
                        {"50% & more", "0.9300", "-0.0087", "< 0.0001"}};

TEST(TableText, FormatIsTheEndOfTheName) {
  EXPECT_EQ(table_style_of("a.md"), TableStyle::markdown);
  EXPECT_EQ(table_style_of("a.b/T.TEX"), TableStyle::latex);
  EXPECT_EQ(table_style_of("a.csv"), TableStyle::csv);
  for (const char* other : {"a.txt", "md", ""}) EXPECT_FALSE(table_style_of(other)) << other;
}

TEST(TableText, MarkdownAlignsFiguresToTheRight) {
  EXPECT_EQ(table_text(kRows, TableStyle::markdown, {{1, 1}}),
            "| model       |       RMSE | difference |         p |\n"
            "| ---         |        --: |        --: |       --: |\n"
            "| item-knn\\_2 | **0.9213** |            |           |\n"
            "| 50% \\& more |     0.9300 |    -0.0087 | \\< 0.0001 |\n");
}

TEST(TableText, LatexIsBooktabs) {
  EXPECT_EQ(table_text(kRows, TableStyle::latex, {{1, 1}}),
            "\\begin{tabular}{lrrr}\n"
            "\\toprule\n"
            "model        &            RMSE & difference &          p \\\\\n"
            "\\midrule\n"
            "item-knn\\_2  & \\textbf{0.9213} &            &            \\\\\n"
            "50\\% \\& more &          0.9300 &  $-$0.0087 & $<$ 0.0001 \\\\\n"
            "\\bottomrule\n"
            "\\end{tabular}\n");
}

// No text can end its cell, its row or its command.
TEST(TableText, EveryTextStaysInItsCell) {
  const TextRows rows = {{"a\nb"}, {"\\ { } ~ ^ # $ % & _ | * ` <b> [c]"}};
  EXPECT_EQ(
      table_text(rows, TableStyle::latex),
      "\\begin{tabular}{l}\n\\toprule\n"
      "a b                                                                                         "
      " "
      "\\\\\n\\midrule\n"
      "\\textbackslash{} \\{ \\} \\textasciitilde{} \\textasciicircum{} \\# \\$ \\% \\& \\_ | * ` "
      "$<$b$>$ [c] \\\\\n\\bottomrule\n\\end{tabular}\n");
  const std::string markdown = table_text(rows, TableStyle::markdown);
  EXPECT_NE(markdown.find("| \\\\ { } \\~ ^ \\# \\$ % \\& \\_ \\| \\* \\` \\<b\\> \\[c\\] |\n"),
            std::string::npos)
      << markdown;
  EXPECT_EQ(table_text({{"name"}, {"=1+1"}, {"a,b"}}, TableStyle::csv),
            "name\n\"'=1+1\"\n\"a,b\"\n");
  EXPECT_EQ(table_text({{"name"}, {"=1+1"}}, TableStyle::csv, {}, Cells::raw), "name\n=1+1\n");
}

TEST(TableText, MeansWithDeviationsAreFigures) {
  EXPECT_EQ(table_text({{"NDCG@10"}, {"0.12 ± 0.01"}, {"-"}}, TableStyle::latex),
            "\\begin{tabular}{r}\n\\toprule\n"
            "        NDCG@10 \\\\\n\\midrule\n"
            "0.12 $\\pm$ 0.01 \\\\\n"
            "              - \\\\\n\\bottomrule\n\\end{tabular}\n");
}

TEST(TableText, AHeaderAlone) {
  EXPECT_EQ(table_text({{"a", "b"}}, TableStyle::markdown), "| a   | b   |\n| --- | --- |\n");
}

}  // namespace
}  // namespace tusk
