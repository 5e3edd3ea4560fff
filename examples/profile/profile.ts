// Shows who somebody is, and takes a picture of them. Pictures are files of the space, which outlive the mechtron.
import { defineMechtron, type GuestContext, GuestError, type HttpReply, type HttpRequest } from "@orrery/guest";
import { readPart } from "./multipart.ts";
import { profilePage } from "./page.ts";
import { pictureType } from "./picture-type.ts";

const PICTURES = ".:pictures:/";
const PATH = /^\/profile\/([a-z][a-z0-9-]{0,39})(\/pic)?$/;

export default defineMechtron({
  async http(request, context) {
    const [, name, pic] = PATH.exec(request.path) ?? [];
    if (name === undefined) return text(404, "There is no such page: a name has letters, digits and -, up to 40");
    if (pic === undefined) return await page(name, context);
    return request.method === "POST"
      ? await takePicture(name, request, context)
      : await picture(name, request, context);
  },
});

async function page(name: string, context: GuestContext, trouble?: { readonly status: number; readonly text: string }) {
  const found = await find(name, context);
  const body = profilePage({ name, picture: found?.revision, trouble: trouble?.text ?? "" });
  return { status: trouble?.status ?? 200, contentType: "text/html; charset=utf-8", body };
}

async function picture(name: string, { headers }: HttpRequest, context: GuestContext): Promise<HttpReply> {
  const found = await find(name, context);
  if (found === undefined) return text(404, `There is no picture of ${name} yet`);
  const etag = `"${found.revision}"`;
  const known = headers.find(([field]) => field === "if-none-match")?.[1];
  const fields = [
    ["etag", etag],
    ["cache-control", "no-cache"],
  ] as const;
  if (known === etag) return { status: 304, headers: fields };
  const body = await context.resources.read(`${PICTURES}${name}`);
  return { headers: fields, contentType: String(found.properties["contentType"]), body };
}

async function takePicture(name: string, request: HttpRequest, context: GuestContext): Promise<HttpReply> {
  const bytes = readPart(request, "pic");
  const type = bytes === undefined ? undefined : pictureType(bytes);
  if (bytes === undefined || type === undefined) {
    const why =
      bytes === undefined
        ? "nothing was sent as “pic”"
        : bytes.length === 0
          ? "no file was chosen"
          : "this is no picture";
    const trouble = `Cannot show ${name} so: ${why}, choose a PNG, JPEG, GIF or WebP`;
    return wantsPage(request) ? await page(name, context, { status: 415, text: trouble }) : text(415, trouble);
  }
  await context.resources.write(`${PICTURES}${name}`, bytes, { contentType: type });
  return { status: 303, headers: [["location", `/profile/${name}`]] };
}

/** The picture of somebody; undefined where there is none. */
async function find(name: string, context: GuestContext) {
  try {
    return await context.resources.get(`${PICTURES}${name}`);
  } catch (error) {
    if (error instanceof GuestError && error.code === "not_found") return undefined;
    throw error;
  }
}

function wantsPage({ headers }: HttpRequest): boolean {
  return headers.some(([field, value]) => field === "accept" && value.includes("text/html"));
}

function text(status: number, said: string): HttpReply {
  return { status, contentType: "text/plain; charset=utf-8", body: `${said}\n` };
}
