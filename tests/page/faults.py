"""The page with servers that fail, refuse or change, and with other catalogues."""

import time

from checks import check_state
from journey import ANSWERS, ENTRIES, READY, go, kept
from stand_in import Catalogue, StandIn, make_products, read_films

LATE = 4  # seconds
TILES = "document.querySelectorAll('.tile').length"
TROUBLE = "document.querySelector('#trouble').textContent"


def films():
    return StandIn(Catalogue(read_films()))


def start(browser, server):
    browser.size(1600)
    browser.media(prefers_reduced_motion="reduce", prefers_color_scheme="light")
    browser.open(server.address)
    browser.wait(f"{TILES} >= 50 && document.querySelector('.so-far li')", "items to rate")


def give(browser, *pairs):
    for tile, stars in pairs:
        browser.click(f".tile:nth-child({tile}) .stars button:nth-child({stars})")


def titles_are_text(browser):
    with films() as server:
        start(browser, server)
        browser.type("")
        browser.run("document.querySelector('#search').focus()")
        browser.type("img src")
        browser.wait("document.querySelector('#found .name')?.textContent.startsWith('<img src=x')", "the title")
        browser.press("Enter")
        browser.wait("document.querySelector('dialog[open] h2')?.textContent.startsWith('<img src=x')")
        assert browser.run("typeof window.hacked") == "undefined"
        assert browser.run("document.querySelectorAll('img[src=x]').length") == 0
    assert browser.problems == [], browser.problems


def outdated_answers_are_dropped(browser):
    with films() as server:
        start(browser, server)
        asked = len(server.requests)
        server.delay = LATE
        give(browser, (1, 5))
        while len(server.requests) == asked:
            time.sleep(0.02)
        server.delay = 0
        begin = time.monotonic()
        give(browser, (2, 5), (3, 4), (4, 3), (5, 5))
        browser.wait("/Made from your/.test(document.querySelector('.so-far .note').textContent)")
        go(browser, "list")
        browser.wait(f"{READY} && /5 ratings/.test(document.querySelector('#list .lead').textContent)", "five ratings")
        time.sleep(max(0, LATE + 1 - (time.monotonic() - begin)))
        assert "5 ratings" in browser.text("#list .lead")
    assert browser.problems == [], browser.problems


def the_server_goes_and_comes(browser):
    browser.expected = ("ERR_CONNECTION_REFUSED",)
    server = films()
    with server:
        start(browser, server)
        port = server.server_port
    give(browser, (1, 5))
    browser.wait(f"/does not answer/.test({TROUBLE})", "the word that the server is gone")
    give(browser, (2, 4))
    assert len(kept(browser)) == 2, "ratings are lost while the server is away"
    check_state(browser, "without a server")
    with StandIn(Catalogue(read_films()), port):
        browser.wait(f"{TROUBLE} === ''", "the server to be found again")
        browser.wait("/Made from your/.test(document.querySelector('.so-far .note').textContent)", "the list")
    assert browser.problems == [], browser.problems


def the_server_comes_late(browser):
    browser.expected = ("status of 503",)
    with films() as server:
        server.busy = 4
        start(browser, server)
        assert browser.run(TROUBLE) == ""
    assert browser.problems == [], browser.problems


def the_server_refuses_a_list(browser):
    browser.expected = ("status of 503",)
    with films() as server:
        start(browser, server)
        server.busy = 3
        go(browser, "list")
        give_filter = "(() => { const box = document.querySelector('#from'); box.value = 1990; " \
                      "box.dispatchEvent(new Event('change')); })()"  # fmt: skip
        browser.run(give_filter)
        browser.wait("/too many requests/.test(document.querySelector('#list .lead').textContent)", "the refusal")
        browser.run("document.querySelector('#list .lead button').click()")
        browser.wait(f"{READY} && /most people/.test(document.querySelector('#list .lead').textContent)")
    assert browser.problems == [], browser.problems


def an_unknown_user(browser):
    browser.expected = ("status of 404",)
    with films() as server:
        start(browser, server)
        go(browser, "model")
        for user, sign in (("7", ".bad"), ("196", ".entry")):
            browser.run("document.querySelector('#user').focus()")
            browser.run("document.querySelector('#user').value = ''")
            browser.type(user)
            browser.press("Enter")
            browser.wait(f"document.querySelector('#model .body {sign}')", f"user {user}")
        check_state(browser, "the list of a user")
    assert browser.problems == [], browser.problems


def a_token(browser):
    browser.expected = ("status of 401",)
    with films() as server:
        server.token = "secret"
        browser.size(1600)
        browser.media(prefers_reduced_motion="reduce", prefers_color_scheme="light")
        browser.open(server.address)
        for token in ("wrong", "secret"):
            browser.wait("document.activeElement.id === 'token' && document.activeElement.value === ''", "the question")
            browser.type(token)
            browser.press("Enter")
        browser.wait(f"{TILES} >= 50", "items to rate")
        assert browser.run(TROUBLE) == ""
        assert "secret" not in browser.run("JSON.stringify(localStorage) + document.cookie + location.href")
    assert browser.problems == [], browser.problems


def another_model(browser):
    with films() as server:
        start(browser, server)
        before = server.requests.count("/api/model")
        server.version = "2"
        server.catalogue = Catalogue(read_films()[:20])
        give(browser, (1, 5))
        browser.wait(f"{TILES} === 20", "the other model's items")
        assert server.requests.count("/api/model") == before + 1
        assert len(kept(browser)) == 1
    assert browser.problems == [], browser.problems


def spoilt_storage(browser):
    with films() as server:
        start(browser, server)
        for text in ("{", "null", "7", '[["1", {"stars": 9}], ["2", {"stars": 4}], [3]]', '{"1": 5}'):
            browser.run(f"localStorage.setItem('tusk:ratings:model.safetensors', {text!r})")
            browser.open(server.address + "?")
            browser.wait("document.querySelector('nav a[aria-current]')", f"the page after {text}")
    assert browser.problems == [], browser.problems


def products(browser):
    """Items without titles and genres, liked or not rated at all."""
    with StandIn(Catalogue(make_products(), implicit=True)) as server:
        start(browser, server)
        check_state(browser, "products")
        browser.size(1600)
        browser.click(".tile:nth-child(1) .likes button")
        browser.click(".tile:nth-child(2) .likes button")
        assert browser.run("document.querySelectorAll('.stars').length") == 0
        browser.run("document.querySelector('#search').focus()")
        browser.type("sku/007")
        browser.wait("document.querySelector('#found .name')")
        browser.press("Enter")
        browser.wait("document.querySelectorAll('dialog[open] .similar .row').length > 0", "similar items")
        browser.press("Escape")
        assert browser.run("document.querySelector(\"nav a[href='#/chat']\").hidden")
        for view in ("rate", "list", "model"):
            go(browser, view)
            check_state(browser, f"products: {view}")
            words = browser.run("document.body.innerText + document.querySelector('#search').placeholder")
            for word in ("film", "Film", "undefined", "NaN", "null"):
                assert word not in words, f"{view}: {word}"
        assert "2 likes of yours, ordered by the model's score" in browser.text("#list .lead")
    assert browser.problems == [], browser.problems


def no_lists_from_ratings(browser):
    with films() as server:
        server.folds_in = False
        browser.size(1600)
        browser.open(server.address)
        browser.wait(READY, "the popular list")
        assert browser.run("document.querySelector(\"nav a[href='#/rate']\").hidden")
        assert browser.run(f"{ENTRIES}.length") == 20
        browser.run("document.querySelector('#more-entries').click()")
        browser.wait(f"{ENTRIES}.length === 40", "more entries")
        assert browser.run(f"{ENTRIES}[20].contains(document.activeElement)"), "the focus is lost"
    assert browser.problems == [], browser.problems


def a_state_of_another_model(browser):
    """The conversation begins anew, and the visitor sees nothing of it."""
    browser.expected = ("status of 422",)
    with films() as server:
        start(browser, server)
        go(browser, "chat")
        for answers, version in ((2, "1"), (3, "2")):
            server.conversation = version
            browser.run("document.querySelector('#say').focus()")
            browser.type("help")
            browser.press("Enter")
            browser.wait(ANSWERS.format(answers), "an answer")
            assert browser.text(".message.tusk:last-child").endswith(f"Version {version}.")
    assert browser.problems == [], browser.problems


def ratings_stay_in_the_browser(browser):
    with films() as server:
        start(browser, server)
        give(browser, (1, 5), (2, 1))
        browser.wait("/Made from your/.test(document.querySelector('.so-far .note').textContent)")
        assert not any("feedback" in path for path in server.requests), server.requests
    assert browser.problems == [], browser.problems


ALL = (
    titles_are_text, outdated_answers_are_dropped, the_server_goes_and_comes, the_server_comes_late,
    the_server_refuses_a_list, an_unknown_user, a_token, another_model, spoilt_storage, products,
    no_lists_from_ratings, a_state_of_another_model, ratings_stay_in_the_browser,
)  # fmt: skip
