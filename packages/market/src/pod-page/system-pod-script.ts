/** Adds lines of a log as they come, and stays at its end while one is there. */
export function followLog(): void {
  const log = document.querySelector<HTMLElement>("[data-log]");
  if (log === null) return;
  const add = (text: string, name: string) => {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    const line = document.createElement("div");
    line.className = name;
    line.textContent = text;
    log.append(line);
    while (log.childElementCount > 1_000) log.firstElementChild?.remove();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };
  log.scrollTop = log.scrollHeight;
  const source = new EventSource(log.dataset["log"] ?? "");
  source.onmessage = ({ data }: MessageEvent<string>) => {
    const { text, stream } = JSON.parse(data) as { readonly text: string; readonly stream: string };
    add(text, stream);
  };
  source.addEventListener("end", ({ data }) => {
    source.close();
    add(String(JSON.parse(String(data))), "event");
  });
}

/** Has a pod file looked at while somebody types, and leads from a mistake to its place. */
export function checkWhileTyping(): void {
  const editor = document.querySelector<HTMLElement>("[data-check]");
  const text = editor?.querySelector("textarea") ?? null;
  const [marks, told] = [editor?.querySelector(".marks") ?? null, document.getElementById("told")];
  if (editor === null || text === null || marks === null || told === null) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async () => {
    const body = new URLSearchParams({
      text: text.value,
      file: decodeURIComponent(location.pathname.split("/").at(-1) ?? ""),
    });
    const answer = await fetch(editor.dataset["check"] ?? "", { method: "POST", body }).catch(() => undefined);
    if (answer?.ok !== true) return;
    const part = document.createElement("div");
    part.innerHTML = await answer.text();
    marks.replaceChildren(...(part.querySelector("[data-marks]")?.childNodes ?? []));
    told.replaceChildren(...(part.querySelector("[data-told]")?.childNodes ?? []));
    text.rows = marks.childElementCount;
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), 250);
  });
  told.addEventListener("click", (event) => {
    const place = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-line]") : null;
    if (place === null) return;
    event.preventDefault();
    const [line, column] = [Number(place.dataset["line"]), Number(place.dataset["column"])];
    const from =
      text.value
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length +
      (line > 1 ? 1 : 0) +
      column -
      1;
    text.focus();
    text.setSelectionRange(from, from);
  });
}
