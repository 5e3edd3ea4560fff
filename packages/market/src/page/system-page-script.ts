/**
 * What runs in browsers, each function by itself: its text is what is served, so that it may use nothing of this module. A page says by attributes of its elements what it
 * wants, and works without: forms are sent and pages are loaded by the browser.
 */
export function scriptOf(parts: readonly (() => void)[]): string {
  return `"use strict";\n${parts.map((part) => `(${part})();`).join("\n")}\n`;
}

/** Logs in by the token behind `#`, which then leaves the address. */
export function loginByLink(): void {
  const token = document.querySelector<HTMLInputElement>("input#token");
  if (token === null || location.hash.length < 2) return;
  token.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  token.form?.submit();
}

/**
 * Has elements with `data-live` show what that address gives, every `data-every` seconds; not while somebody types in them. One that gives an element with
 * `data-next` is done: that address is gone to.
 */
export function keepLive(): void {
  const gone = document.getElementById("gone");
  for (const part of document.querySelectorAll<HTMLElement>("[data-live]")) {
    const look = async () => {
      if (document.hidden || part.contains(document.activeElement?.closest("input,select,textarea") ?? null)) return;
      const answer = await fetch(part.dataset["live"] ?? "").catch(() => undefined);
      if (gone !== null) gone.hidden = answer !== undefined;
      if (answer?.status === 401) location.reload();
      if (answer?.ok !== true) return;
      part.innerHTML = await answer.text();
      const next = part.querySelector<HTMLElement>("[data-next]")?.dataset["next"];
      if (next === undefined) return;
      clearInterval(timer);
      if (next !== "") location.replace(next);
    };
    const timer = setInterval(() => void look(), Number(part.dataset["every"]) * 1_000);
  }
}
