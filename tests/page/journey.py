"""What a visitor does, by keyboard alone: it must work with any server that has the API."""

import json

from checks import check_state, tab_to

ENTRIES = "document.querySelectorAll('#entries > li')"
# In the chat, which begins with a greeting.
ANSWERS = "document.querySelectorAll('.message.tusk').length === {} && !document.querySelector('.waiting')"
READY = f"{ENTRIES}.length > 0 && !document.querySelector('#list.busy')"


def kept(browser):
    """The opinions in the browser's storage, by id."""
    return dict(browser.run("JSON.parse(Object.entries(localStorage).find(([key]) => "
                            "key.startsWith('tusk:ratings:'))?.[1] ?? '[]')"))  # fmt: skip


def go(browser, view):
    """To another view, by its link."""
    browser.run("document.querySelector('.brand').focus()")
    tab_to(browser, f"node.hash === '#/{view}'", 6)
    browser.press("Enter")
    browser.wait(f"document.activeElement.id === '{view}-heading'", f"the focus on the heading of {view}")


def rate_five(browser):
    tab_to(browser, "node.closest('.tile')", 20)
    first = browser.run("document.activeElement.closest('.stars').dataset.item")
    browser.press("5", "ArrowRight", "4", "ArrowDown", "1", "ArrowLeft", "3", "ArrowUp", "2")
    # Right, down, left and up lead back to the first, which is rated anew.
    assert kept(browser)[first]["stars"] == 2, kept(browser)
    assert len(kept(browser)) == 4, kept(browser)
    browser.press("0")
    assert first not in kept(browser)
    browser.press("5", "ArrowRight", "ArrowRight", "4")
    browser.wait("document.querySelector('#rate .count').textContent.startsWith('5')", "five ratings")
    browser.wait("/Made from your/.test(document.querySelector('.so-far .note').textContent)", "the list beside it")
    assert browser.run("document.activeElement.getAttribute('aria-checked')") is not None
    stops = browser.run("document.querySelectorAll('#tiles [tabindex=\"0\"]').length")
    assert stops == 1, f"{stops} stops of the Tab key in the tiles"


def see_list(browser):
    tab_to(browser, "node.matches('a.button')", 10, "Shift+Tab")
    browser.press("Enter")
    browser.wait(READY, "a list")
    assert browser.text("#list-heading") == "For you"
    assert "5 ratings" in browser.text("#list .lead")
    places = browser.run(f"[...{ENTRIES}].map((node) => Number(node.querySelector('.place').textContent))")
    assert places == list(range(1, len(places) + 1)), places
    rated = set(kept(browser))
    assert not rated & set(browser.run(f"[...{ENTRIES}].map((node) => node.dataset.key)")), "rated ones are listed"


def open_reasons(browser):
    tab_to(browser, "node.tagName === 'SUMMARY'")
    browser.press("Enter")
    # They are painted when the browser says that the details are open, which is later.
    browser.wait("document.querySelector('#entries details[open] .why')?.innerText", "reasons")
    text = browser.run("document.querySelector('#entries details[open] .why').innerText")
    assert len(text) > 20 and "undefined" not in text and "NaN" not in text, text
    check_state(browser, "the list with reasons")


def more_like_this(browser):
    tab_to(browser, "/^More like this/.test(node.getAttribute('aria-label') || '')")
    opener = browser.run("document.activeElement.getAttribute('aria-label')")
    browser.press("Enter")
    browser.wait("document.querySelectorAll('dialog[open] .similar .row').length > 0", "what is like it")
    assert browser.run("document.querySelector('dialog').contains(document.activeElement)")
    check_state(browser, "the dialog of an item")
    heading = "document.querySelector('#item-heading').textContent"
    before = browser.run(heading)
    tab_to(browser, "node.matches('.similar .row')", 20)
    browser.press("Enter")
    browser.wait(f"{heading} !== {json.dumps(before)}", "another item")
    tab_to(browser, "/^Back/.test(node.getAttribute('aria-label') || '')", 40)
    browser.press("Enter")
    browser.wait(f"{heading} === {json.dumps(before)}", "the way back")
    browser.press("Escape")
    browser.wait("!document.querySelector('dialog').open")
    assert browser.run("document.activeElement.getAttribute('aria-label')") == opener, "the focus is lost"


def search(browser):
    name = browser.text("#entries h2")
    browser.run("document.querySelector('nav a:last-of-type').focus()")
    tab_to(browser, "node.id === 'search'", 3)
    browser.type(name)
    browser.wait("document.querySelectorAll('#found [role=option]').length > 0", "search results")
    check_state(browser, "search results")
    browser.press("ArrowDown")
    assert browser.run("document.activeElement.getAttribute('aria-activedescendant')") == "found-0"
    browser.press("Enter")
    browser.wait(f"document.querySelector('dialog[open] h2')?.textContent === {json.dumps(name)}", "the item found")
    tab_to(browser, "node.dataset.like === 'true'", 12)
    browser.press(" ")
    assert any(one.get("like") for one in kept(browser).values()), kept(browser)
    browser.press("Escape")
    browser.wait(f"{READY} && document.querySelector('#entries h2').textContent !== {json.dumps(name)}",
                 "a list without what is liked")  # fmt: skip


def filter_list(browser):
    genre = browser.run("document.querySelector('#genres option:nth-child(2)')?.value")
    if not genre:
        return
    choose = "(() => {{ const box = document.querySelector('#{0}'); box.value = {1}; " \
             "box.dispatchEvent(new Event('change')); }})()"  # fmt: skip
    browser.run(choose.format("genres", json.dumps(genre)))
    browser.wait(f"{READY} && [...{ENTRIES}].every((node) => node.querySelector('.details').textContent"
                 f".includes({json.dumps(genre)}))", f"only {genre}")  # fmt: skip
    assert browser.run("document.activeElement.id") == "genres", "the focus is lost"
    browser.run(choose.format("to", "'1'"))
    browser.wait("document.querySelector('#list .nothing')", "the word that nothing meets the filters")
    check_state(browser, "an empty list")
    tab_to(browser, "node.closest('.nothing')")
    browser.press("Enter")
    browser.wait(f"{READY} && !document.querySelector('.chip, .nothing')", "the filters to be gone")


def chat(browser):
    go(browser, "chat")
    check_state(browser, "the chat at first")
    tab_to(browser, "node.id === 'say'", 10)
    browser.type("What are the most popular ones?")
    browser.press("Enter")
    browser.wait(ANSWERS.format(2), "an answer")
    assert not browser.run("document.querySelector('.message.bad')?.textContent"), "the conversation fails"
    assert browser.run("document.querySelectorAll('.message .row').length") > 0, "no items in the answer"
    assert browser.run("document.activeElement.id") == "say", "the focus is lost"
    browser.type("help")
    browser.press("Enter")
    browser.wait(ANSWERS.format(3), "another answer")
    name = browser.run("[...document.querySelectorAll('.message .row .name')].at(-1).textContent")
    before = len(kept(browser))
    browser.type(f'I loved "{name}"')
    browser.press("Enter")
    browser.wait(ANSWERS.format(4), "what is said of a rating")
    assert len(kept(browser)) == before + 1, f"the rating of {name} in words is not kept"
    assert list(kept(browser).values())[-1]["stars"] == 5, kept(browser)
    check_state(browser, "the chat")


def model(browser):
    go(browser, "model")
    text = browser.run("document.querySelector('#model').innerText")
    assert "undefined" not in text and "NaN" not in text, text
    check_state(browser, "the model")


def switch_theme(browser):
    browser.media(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    browser.wait("document.documentElement.dataset.theme === 'light'")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = browser.run(ground)
    browser.run("document.querySelector('#search').focus()")
    tab_to(browser, "node.id === 'theme'", 3)
    browser.press("Enter")
    assert browser.run("document.querySelector('#theme').getAttribute('aria-pressed')") == "true"
    dark = browser.run(ground)
    assert dark != light
    opinions = kept(browser)
    browser.reload()
    browser.wait("document.querySelector('nav a[aria-current]')", "the page again")
    assert browser.run(ground) == dark, "the theme is not kept"
    assert kept(browser) == opinions, "the ratings are not kept"
    browser.run("document.querySelector('#theme').click()")
    assert browser.run(ground) == light
    browser.run("localStorage.removeItem('tusk:theme')")
    browser.reload()
    browser.wait("document.querySelector('nav a[aria-current]')")


def delete_all(browser):
    go(browser, "list")
    browser.wait("!document.querySelector('#mine').hidden")
    check_state(browser, "the list with ratings")
    tab_to(browser, "node.id === 'forget'", 200)
    browser.press("Enter")
    browser.wait("document.querySelector('#list-heading').textContent === 'Popular'", "the popular list")
    assert kept(browser) == {}
    assert browser.run("document.activeElement.id") == "list-heading", "the focus is lost"


def whole_journey(browser, address):
    browser.size(1600)
    browser.media(prefers_reduced_motion="reduce", prefers_color_scheme="light")
    browser.open(address)
    browser.wait("document.querySelectorAll('.tile').length >= 12", "items to rate")
    check_state(browser, "items to rate")
    browser.size(1600)
    rate_five(browser)
    check_state(browser, "five ratings")
    see_list(browser)
    open_reasons(browser)
    more_like_this(browser)
    search(browser)
    filter_list(browser)
    chat(browser)
    model(browser)
    switch_theme(browser)
    delete_all(browser)
    assert browser.problems == [], browser.problems
