import { OrreryError } from "@orrery/core";
import { type Html, html } from "../page/html.ts";
import type { PageAnswer, PageForm, PageTurn } from "../page/page-answer.ts";
import { checkPod } from "../pod/check-pod.ts";
import { importCompose } from "../pod/import-compose.ts";
import { missingBeside } from "../pod/missing-beside.ts";
import { newPodFile, podNameOf } from "../pod/new-pod-file.ts";
import { parsePod } from "../pod/parse-pod.ts";
import { checkedPart, type FileView, fileBody } from "./file-body.ts";
import { filesBody, type NewFields, newFields } from "./files-body.ts";
import { podPage, said } from "./frame-parts.ts";
import { filePath, type PageWorld } from "./page-world.ts";
import { priceTask } from "./start-tasks.ts";

/** The page of all pod files. @param wrong why nothing was written, and what was typed */
export async function answerFiles(
  { files, publisher }: PageWorld,
  wrong?: { readonly why: string; readonly fields?: NewFields },
): Promise<PageAnswer> {
  const all = await files.list();
  const body = filesBody({
    ...{ folder: files.folder, files: all, said: said(wrong?.why ?? "", "bad") },
    fields: wrong?.fields ?? newFields(all),
  });
  const status = wrong === undefined ? 200 : 400;
  return podPage({ title: "Pod files", at: "files", account: publisher.account, body, status });
}

/** Writes a new pod file of a form, or says what is wrong in it. */
export async function answerNew(world: PageWorld, { form }: PageTurn): Promise<PageAnswer> {
  const typed = (name: string) => form.text(name).trim();
  const fields: NewFields = {
    ...{ file: typed("file"), image: typed("image"), name: typed("name"), http: typed("http") },
    ...{ host: typed("host"), cpu: typed("cpu"), memory: typed("memory") },
  };
  const name = fields.name === "" ? podNameOf(fields.image) : fields.name;
  const file = fields.file === "" ? `${name}.yaml` : fields.file;
  const text = newPodFile({
    ...{ name, image: fields.image },
    hosts:
      fields.http === "" ? [] : [{ port: Number(fields.http), host: fields.host === "" ? undefined : fields.host }],
    ...(fields.cpu !== "" && { cpu: fields.cpu }),
    ...(fields.memory !== "" && { memory: fields.memory }),
  });
  const check = checkPod(text, { file });
  if (check.kind === "bad")
    return await answerFiles(world, { why: check.mistakes.map(({ why }) => why).join("\n"), fields });
  return await written(world, { file, text, query: "new" }, fields);
}

/** Makes a pod file of a compose file: of one in the folder, or one that is sent. */
export async function answerImport(world: PageWorld, { form }: PageTurn): Promise<PageAnswer> {
  const from = form.text("from");
  const upload = form.text("upload");
  const compose = from !== "" ? (await world.files.read(from)).text : upload !== "" ? upload : form.text("compose");
  const name = form.text("name").trim();
  try {
    const { text, notes } = importCompose(compose, { file: from || "compose.yaml", ...(name !== "" && { name }) });
    const check = checkPod(text, { file: "pod.yaml" });
    const of = name || (check.kind === "good" ? check.pod.name : "app");
    const file = form.text("file").trim() || `${of}.yaml`;
    const told = notes.map((note) => `# ${note.replace(/[\r\n]/g, " ")}\n`).join("");
    return await written(world, { file, text: `${told}${text}`, query: "import" });
  } catch (error) {
    return await answerFiles(world, { why: whyOf(error) });
  }
}

async function written(
  world: PageWorld,
  { file, text, query }: { readonly file: string; readonly text: string; readonly query: string },
  fields?: NewFields,
): Promise<PageAnswer> {
  try {
    await world.files.create(file, text);
    return { kind: "redirect", to: `${filePath(file)}?did=${query}` };
  } catch (error) {
    return await answerFiles(world, { why: whyOf(error), ...(fields !== undefined && { fields }) });
  }
}

/** What of the text of a file is wrong, while somebody types. */
export async function answerCheck(world: PageWorld, { form }: PageTurn): Promise<PageAnswer> {
  const [file, text] = [form.text("file") || "pod.yaml", textOf(form)];
  return { kind: "part", body: checkedPart(text, { file, ...judge(world, file, text) }) };
}

const DID: Readonly<Record<string, string>> = {
  new: "Written. Look it over, then ask for a price.",
  import: "Made of the compose file. What a pod cannot say was left out, and stands at the top as comments.",
  save: "Saved.",
};

/** The page of one pod file; saves it, or asks for a price, where that is wanted. */
export async function answerFile(
  world: PageWorld,
  { method, query, form }: PageTurn,
  file: string,
): Promise<PageAnswer> {
  if (method === "GET") {
    const { text, digest } = await world.files.read(file);
    return pageOf(world, { file, text, was: digest, said: said(DID[query.get("did") ?? ""] ?? "") });
  }
  const [text, was, act] = [textOf(form), form.text("was"), form.text("act")];
  if (act !== "check") {
    const failed = await world.files.save(file, { text, was }).then(
      () => undefined,
      (error: unknown) => whyOf(error),
    );
    if (failed !== undefined) return pageOf(world, { file, text, was, said: said(failed, "bad"), status: 409 });
  }
  const { check, missing } = judge(world, file, text);
  const isReady = check.kind === "good" && missing.length === 0;
  if (act === "price" && isReady)
    return { kind: "redirect", to: priceTask(world, { file, text, provider: form.text("provider").trim() }) };
  if (act === "save") return { kind: "redirect", to: `${filePath(file)}?did=save` };
  const kept = act === "price" ? (await world.files.read(file)).digest : was;
  return pageOf(world, {
    file,
    text,
    was: kept,
    said: act === "price" ? said("No price was asked for: mend what is told below first.", "warn") : html``,
  });
}

function pageOf(
  world: PageWorld,
  { status, ...view }: Pick<FileView, "file" | "text" | "was"> & { readonly said: Html; readonly status?: number },
): PageAnswer {
  const body = fileBody({ ...view, ...judge(world, view.file, view.text), providers: world.providers });
  return podPage({
    title: view.file,
    at: "files",
    account: world.publisher.account,
    body,
    ...(status !== undefined && { status }),
  });
}

function judge({ files }: PageWorld, file: string, text: string): Pick<FileView, "check" | "missing"> {
  const check = checkPod(text, { file });
  return { check, missing: check.kind === "good" ? missingBeside(check.pod, files.folder) : [] };
}

/** What a text area sends: browsers end its lines by two letters. */
function textOf(form: PageForm): string {
  return form.text("text").replaceAll("\r\n", "\n");
}

function whyOf(error: unknown): string {
  if (error instanceof OrreryError) return error.message;
  throw error;
}

/** Reads a pod file for what is to be done with it. @throws OrreryError where it is wrong, or names what is not there */
export async function readPod({ files }: PageWorld, file: string) {
  const pod = parsePod((await files.read(file)).text, { file });
  const missing = missingBeside(pod, files.folder);
  if (missing.length > 0) throw new OrreryError("not_found", `Cannot use "${file}": ${missing.join("; ")}`);
  return pod;
}
