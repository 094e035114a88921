"""What must hold of the page in any state: names, contrast, sizes, no horizontal scrolling."""

WIDTHS = (360, 768, 1600)
THEMES = ("light", "dark")

# Texts whose contrast with what is behind them is below 4.5, or 3 where they are large (WCAG 2.2, 1.4.3).
CONTRAST = """(() => {
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (color) => known.get(color) ?? known.set(color, drawn(color)).get(color);
  const drawn = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    const apart = node.closest(".unseen, .skip, noscript, option") || !node.checkVisibility();
    if ((!own && !node.placeholder) || apart) continue;
    const style = getComputedStyle(node);
    const color = node.placeholder && !node.value ? getComputedStyle(node, "::placeholder").color : style.color;
    const [a, b] = [luminance(rgba(color)), luminance(behind(node))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < (large ? 3 : 4.5)) bad.push(`${node.textContent.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return bad;
})()"""

# Controls that are smaller than 24 pixels (2.5.8), and texts smaller than 12.
SMALL = """[...document.querySelectorAll("button, input, select, summary, nav a, .button")]
  .filter((node) => node.checkVisibility() && !node.closest(".unseen"))
  .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
  .filter(([, box]) => box.width < 23.9 || box.height < 23.9)
  .map(([text, box]) => `${text} ${box.width} x ${box.height}`)
  .concat([...document.querySelectorAll("body *")]
    .filter((node) => node.checkVisibility() && parseFloat(getComputedStyle(node).fontSize) < 12)
    .map((node) => node.outerHTML.slice(0, 80)))"""

# What reaches beyond the window, but for what scrolls by itself.
WIDE = """((width) => document.documentElement.scrollWidth <= width ? [] : [...document.querySelectorAll("body *")]
  .filter((node) => node.getBoundingClientRect().right > width + 1)
  .map((node) => node.outerHTML.slice(0, 80)).slice(0, 5).concat(`${document.documentElement.scrollWidth} wide`))"""

DIALOG_WIDE = """[...document.querySelectorAll("dialog[open]")]
  .filter((node) => node.scrollWidth > node.clientWidth + 1 || node.offsetWidth > innerWidth).length"""

FOCUSED = """(() => {
  const node = document.activeElement;
  const style = getComputedStyle(node);
  return { tag: node.tagName, label: node.getAttribute("aria-label") || node.textContent.trim().slice(0, 60),
    ring: node === document.body || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) };
})()"""


def check_state(browser, what):
    """In the current state, in both themes and at every width."""
    for theme in THEMES:
        browser.media(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
        browser.wait(f"document.documentElement.dataset.theme === {theme!r}", f"the {theme} theme")
        faint = browser.run(CONTRAST)
        assert faint == [], f"{what}, {theme}: {faint}"
    for width in WIDTHS:
        browser.size(width)
        where = f"{what} at {width} px"
        wide = browser.run(f"{WIDE}({width})")
        assert wide == [], f"{where} scrolls: {wide}"
        assert browser.run(DIALOG_WIDE) == 0, f"{where}: the dialog scrolls sideways"
        small = browser.run(SMALL)
        assert small == [], f"{where}, small: {small}"
    nameless = browser.nameless()
    assert nameless == [], f"{what}: controls without a name: {nameless}"
    assert browser.run("document.getAnimations().length") == 0, f"{what}: motion though it is to be reduced"


def tab_to(browser, test, most=80, key="Tab"):
    """Presses Tab until an expression of `node`, the focused one, is true. Every stop must be seen."""
    for _ in range(most):
        browser.press(key)
        focused = browser.run(FOCUSED)
        assert focused["ring"], f"the focus is not seen on {focused}"
        if browser.run(f"((node) => Boolean({test}))(document.activeElement)"):
            return focused
    raise AssertionError(f"{most} times {key} do not lead to {test}; now at {focused}")
