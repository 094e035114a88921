// Applies the chosen theme before anything is drawn; without a choice the system's applies.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem("tusk:theme");
  } catch {
    // No storage: the choice lasts as long as the page.
  }

  const apply = () => {
    const dark = chosen ? chosen === "dark" : system.matches;
    root.dataset.theme = dark ? "dark" : "light";
    document.getElementById("theme")?.setAttribute("aria-pressed", String(dark));
  };

  system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", () => {
    document.getElementById("theme").addEventListener("click", () => {
      chosen = root.dataset.theme === "dark" ? "light" : "dark";
      try {
        localStorage.setItem("tusk:theme", chosen);
      } catch {
        // As above.
      }
      apply();
    });
    apply();
  });
  apply();
})();
