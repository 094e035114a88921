// The words by which intents are told; Utterance::has() says how a phrase is written.
#pragma once

#include <array>
#include <string_view>

namespace tusk::chat {

// The whole of a text, or its beginning, that asks for help.
inline constexpr std::array<std::string_view, 11> kHelpCues = {"help me?",
                                                               "what else? can/do i/you do/ask/say",
                                                               "how do/does you/this/it work",
                                                               "how do i",
                                                               "how can i use",
                                                               "commands/usage/instructions",
                                                               "what/who are you",
                                                               "explain how this/you works/work",
                                                               "explain yourself",
                                                               "what are my options",
                                                               "what should i type"};
// That ask to be asked.
inline constexpr std::array<std::string_view, 17> kClarifyCues = {
    "help me choose",    "help me decide",       "help me pick",     "i cant decide",
    "i cannot decide",   "cant make up my mind", "i cant choose",    "i cannot choose",
    "ask me something",  "ask me a question",    "ask me",           "narrow it down",
    "narrow them down",  "narrow this down",     "narrow that down", "help me narrow",
    "which one should i"};
inline constexpr std::array<std::string_view, 12> kGreetings = {
    "hi",      "hello",     "hey",   "there",     "good", "morning",
    "evening", "afternoon", "howdy", "greetings", "yo",   "tusk"};

inline constexpr std::array<std::string_view, 9> kExplainCues = {
    "why/justify",        "how come",        "explain why?",
    "reason/reasons for", "reason why",      "what makes/made you think?",
    "because of what",    "on what grounds", "how did you come up with"};

inline constexpr std::array<std::string_view, 8> kResetCues = {
    "start over/again",
    "reset",
    "forget/clear/remove the/my/all? filters",
    "forget/clear everything/all",
    "forget about/it/that",
    "from scratch",
    "no filters",
    "any genre/year"};

inline constexpr std::array<std::string_view, 7> kMoreCues = {
    "more/next/another/others/continue/additional/further",
    "anything/something/what/who else",
    "keep going",
    "go on",
    "and then",
    "any other",
    "other/different/new ones"};

inline constexpr std::array<std::string_view, 10> kPopularCues = {
    "popular/greatest/favourites/favorites/favourite/favorite/famous/everyone/everybody",
    "hits/blockbusters/hot/trending/acclaimed/bestsellers",
    "best/top rated/loved?",
    "most popular/watched/rated/loved",
    "highest/highly rated",
    "people like/love/watch",
    "well known",
    "must see/sees",
    "all time",
    "other people"};
// That make a list one's own after all: "the best comedies for me".
inline constexpr std::array<std::string_view, 4> kPersonalCues = {
    "for me", "my taste", "id like best", "i might/would like"};

// In front of titles that items are to be like.
inline constexpr std::array<std::string_view, 11> kLikeCues = {"similar movies/films/titles? to",
                                                               "similar/same as",
                                                               "akin/alike/comparable/close to",
                                                               "along the lines of",
                                                               "in the style/vein/spirit/mold of",
                                                               "resemble/resembles/resembling",
                                                               "remind/reminds me of",
                                                               "reminiscent/fans of",
                                                               "after watching",
                                                               "based on",
                                                               "like it"};
// In front of "like" and other verbs that say what is wished or what others think.
inline constexpr std::array<std::string_view, 20> kWishes = {
    "id",   "would", "might", "may",    "will",      "to",       "wed",  "could",  "ill",  "feel",
    "look", "looks", "you",   "people", "everybody", "everyone", "they", "should", "youd", "does"};
// In front of titles that are liked, as a condition of what is asked for.
inline constexpr std::array<std::string_view, 2> kBecauseCues = {
    "because/since/if i/you/someone really? like/liked/love/loved/enjoy/enjoyed/watched/saw",
    "as i liked/loved"};
// That ask for what is like the titles that somebody has just said to like.
inline constexpr std::array<std::string_view, 6> kWhatElseCues = {
    "what else/next/other", "anything else",           "something/anything similar",
    "something like that",  "more like that/it/those", "similar ones/movies/films"};

inline constexpr std::array<std::string_view, 4> kSeenCues = {
    "i/ive have? already? seen/saw/watched", "already? seen", "already saw/watched",
    "i already? know"};

// Verbs and nouns of a question for a list.
inline constexpr std::array<std::string_view, 15> kAskCues = {
    "recommend/recommendation/recommendations",
    "suggest/suggestion/suggestions",
    "give/find/want/need/pick/choose/watch/show/list",
    "film/films/movie/movies/flick/flicks/titles",
    "tips/ideas/surprise/bored",
    "looking/mood for",
    "in the mood",
    "feel like",
    "got any",
    "get me",
    "what should/would/could/might",
    "what do you think",
    "is/are there",
    "do you have",
    "id like/love/enjoy"};
// Those that are no noun: a list can be asked for by them though it begins as a condition.
inline constexpr std::array<std::string_view, 2> kCommandCues = {
    "recommend/suggest/give/find/pick/list", "looking for"};
inline constexpr std::array<std::string_view, 9> kNouns = {
    "film", "films", "movie", "movies", "flick", "flicks", "titles", "items", "something"};

// At the beginning of what changes the conditions of the last list.
inline constexpr std::array<std::string_view, 12> kFilterCues = {
    "only/just/but/no/not/nothing/none/dont/less/newer/older",
    "from/before/after/since/between/made/released",
    "make/limit/keep/avoid/skip/exclude/remove/drop/without/except",
    "leave out",
    "a bit/little",
    "anything/everything but",
    "i dont want",
    "i do not want",
    "they/it should",
    "they must",
    "should/must be",
    "can/could you make"};
// Words that may stand before them.
inline constexpr std::array<std::string_view, 9> kOpeners = {
    "ok", "okay", "and", "please", "now", "maybe", "actually", "yes", "hmm"};

// Behind these genres and titles are not wanted, until another thought begins.
inline constexpr std::array<std::string_view, 8> kNotCues = {"no/not/nothing/non/nor/never/less",
                                                             "isnt/arent/hate",
                                                             "not too",
                                                             "dont want/show/like/need/give",
                                                             "do not want",
                                                             "none/sick/tired of",
                                                             "cant stand",
                                                             "wont watch"};
// The same; a title behind them needs no capital.
inline constexpr std::array<std::string_view, 9> kExceptCues = {
    "without/excluding/exclude/besides/minus/skip/avoid/remove/drop",
    "except for?",
    "but not",
    "anything/everything but",
    "other/rather than",
    "instead of",
    "apart/aside from",
    "leave out",
    "with the exception of"};
// Which do not end that.
inline constexpr std::array<std::string_view, 32> kNotFillers = {
    "any",  "too",      "to",     "see",    "watch",  "more",  "very", "so",
    "a",    "the",      "films",  "film",   "movies", "movie", "or",   "and",
    "of",   "want",     "please", "really", "an",     "that",  "is",   "are",
    "with", "anything", "stuff",  "much",   "me",     "these", "all",  "like"};

inline constexpr std::array<std::string_view, 5> kLighterCues = {
    "light/lighter/lighthearted/feelgood/cheerful/happier/uplifting", "light hearted", "feel good",
    "less dark/serious/heavy", "more cheerful"};
inline constexpr std::array<std::string_view, 3> kDarkerCues = {
    "dark/darker/gritty/grittier/grim/grimmer/bleaker/heavier/edgier", "more serious",
    "less light"};
// In front of a tone that is not wanted.
inline constexpr std::array<std::string_view, 3> kNotTone = {"no/less", "not so/too/as?",
                                                             "nothing too?"};
inline constexpr std::array<std::string_view, 3> kNewerCues = {
    "newer/new/recent/modern/later", "more recent/modern/current", "less old"};
inline constexpr std::array<std::string_view, 2> kOlderCues = {
    "older/old/classic/classics/vintage/earlier", "more classic"};

}  // namespace tusk::chat
