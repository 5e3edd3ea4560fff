/** What a profile shows. */
export interface Profile {
  /** Small letters, digits and `-`. */
  readonly name: string;
  /** Counts the changes of the picture; undefined for none. */
  readonly picture: number | undefined;
  /** What went wrong with a picture that was sent; empty for nothing. */
  readonly trouble: string;
}

/** The page of a profile. */
export function profilePage({ name, picture, trouble }: Profile): string {
  const shown = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const face =
    picture === undefined
      ? `<p class="face none" aria-label="No picture yet">${shown[0]}</p>`
      : `<img class="face" src="/profile/${name}/pic?v=${picture}" alt="${shown}" width="240" height="240" />`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${shown}</title>
    <link rel="icon" type="image/svg+xml" href="/icon.svg" />
    <link rel="stylesheet" href="/style.css" />
    <script type="module" src="/page.js"></script>
  </head>
  <body>
    <main>
      ${face}
      <h1>${shown}</h1>
      <form method="post" action="/profile/${name}/pic" enctype="multipart/form-data">
        <label class="choose" for="pic">${picture === undefined ? "Add a picture" : "Change the picture"}</label>
        <input id="pic" type="file" name="pic" accept="image/png,image/jpeg,image/gif,image/webp" required />
        <button>Send</button>
      </form>
      <p class="told" id="told" role="status"${trouble === "" ? "" : ' data-trouble=""'}>${escaped(trouble) || HINT}</p>
    </main>
  </body>
</html>
`;
}

const HINT = "PNG, JPEG, GIF or WebP, up to 900 kB";

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
