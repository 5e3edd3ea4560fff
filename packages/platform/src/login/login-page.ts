import type { Answer } from "../web/answer.ts";
import { escaped } from "../web/page.ts";

/** What the page of a login shows. */
export interface LoginPage {
  /** The Space, as its visitors know it. */
  readonly space: string;
  /** List of the users who log in. */
  readonly of: string;
  /** Where the visitor wanted to go: a path. */
  readonly to: string;
  /** Shows that the form is of this server, and of this visitor. */
  readonly csrf: string;
  /** An issuer by which one may log in as well: its name. */
  readonly issuer?: string | undefined;
  /** What was typed before. */
  readonly name?: string;
  /** What went wrong. */
  readonly trouble?: string;
}

/** The page with the form. */
export function loginPage(status: number, wish: LoginPage, headers: Answer["headers"] = []): Answer {
  const { space, of, to, csrf, name = "", trouble, issuer } = wish;
  const other = `/-/oidc?${new URLSearchParams({ of, to }).toString()}`;
  const focus = (isMeant: boolean) => (isMeant ? " autofocus" : "");
  return whole(status, {
    title: `Log in to ${space}`,
    headers,
    body: `<form method="post" action="/-/login">
<h1>Log in</h1><p>${escaped(space)}</p>
${trouble === undefined ? "" : `<p class="trouble" role="alert">${escaped(trouble)}</p>`}
<label>Name<input name="name" value="${escaped(name)}" autocomplete="username" autocapitalize="none" spellcheck="false" required${focus(name === "")}></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required${focus(name !== "")}></label>
${hidden({ of, to, csrf })}
<button>Log in</button>
${issuer === undefined ? "" : `<p class="other"><a href="${escaped(other)}">Log in with ${escaped(issuer)}</a></p>`}
</form>`,
  });
}

/** The page with the button that ends a session. */
export function logoutPage({
  space,
  user,
  csrf,
}: {
  readonly space: string;
  readonly user: string;
  readonly csrf: string;
}): Answer {
  return whole(200, {
    title: `Log out of ${space}`,
    body: `<form method="post" action="/-/logout">
<h1>Log out</h1><p>${escaped(user)}</p>
${hidden({ csrf })}
<button>Log out</button>
</form>`,
  });
}

/** A page that says one thing. */
export function saidPage(
  status: number,
  { title, text }: { readonly title: string; readonly text: string },
  headers: Answer["headers"] = [],
): Answer {
  return whole(status, {
    title,
    headers,
    body: `<section><h1>${escaped(title)}</h1><p>${escaped(text)}</p></section>`,
  });
}

/** How these pages look. */
export function loginStyle(): Answer {
  const headers = [
    ["content-type", "text/css; charset=utf-8"],
    ["cache-control", "public, max-age=3600"],
    ["x-content-type-options", "nosniff"],
  ] as const;
  return { status: 200, headers, body: new TextEncoder().encode(STYLE) };
}

function hidden(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
    .join("");
}

function whole(
  status: number,
  {
    title,
    body,
    headers = [],
  }: { readonly title: string; readonly body: string; readonly headers?: Answer["headers"] },
): Answer {
  const text = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escaped(title)}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/-/login.css"></head>
<body><main>${body}</main></body></html>
`;
  return {
    status,
    headers: [
      ["content-type", "text/html; charset=utf-8"],
      ["cache-control", "no-store"],
      ["x-content-type-options", "nosniff"],
      ["referrer-policy", "same-origin"],
      [
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      ],
      ...headers,
    ],
    body: new TextEncoder().encode(text),
  };
}

const STYLE = `:root { --ink: #1c2430; --soft: #5c6675; --line: #c9d0da; --back: #f4f6f9; --card: #fff; --act: #22468f; --bad: #9c1f2e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf2; --soft: #9aa5b5; --line: #3a4454; --back: #12171f; --card: #1b222d; --act: #8fb0f5; --bad: #ff9aa6; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; min-height: 100svh; display: grid; place-items: center; padding: 1rem;
  background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 23rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 2rem; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.2; }
p { margin: .25rem 0 1.25rem; color: var(--soft); overflow-wrap: anywhere; }
label { display: block; margin-bottom: 1rem; font-size: .9rem; color: var(--soft); }
input { display: block; width: 100%; margin-top: .25rem; padding: .65rem .75rem; font: inherit; font-size: 1rem; color: var(--ink);
  background: transparent; border: 1px solid var(--line); border-radius: 8px; }
button { width: 100%; margin-top: .5rem; padding: .75rem; font: inherit; font-weight: 600; color: var(--card); background: var(--act);
  border: 0; border-radius: 8px; cursor: pointer; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.other { margin: 1.25rem 0 0; text-align: center; }
a { color: var(--act); }
.trouble { color: var(--bad); }
`;
