// `node tools/corpus.mjs DIR --megabytes N`: real text for tokenizers, taken from pinned Debian packages
// (tools/corpus.json), the same on every machine.
//
// DIR/corpus.json lists the files with their language, kind ("prose", "code", "names"), documents, bytes and digest. Each file
// is `LANGUAGE.jsonl`: one document a line, as a JSON string of at most 128 KiB. A quarter of the bytes is English, a
// quarter code, the rest about forty other languages in equal parts, where there is as much; lines of a translation that
// are still English are left out. A fiftieth is emoji with their names, in scripts that these lack. Fewer megabytes give a subset of the same documents. The packages are kept in
// `.assets/debian/`; needed are `apt-get` and `dpkg-deb`. Exit code 3: the packages cannot be had here.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";

const execute = promisify(execFile);
const packagesFolder = join(import.meta.dirname, "..", ".assets", "debian");
const { packages } = JSON.parse(await readFile(join(import.meta.dirname, "corpus.json"), "utf8"));
const program = await readFile(import.meta.filename, "utf8");
const LONGEST_DOCUMENT = 128 * 1024;
/** A language with less was not translated: what is left are accidents. */
const SMALLEST_FILE = 16 * 1024;

/** The packages cannot be downloaded or unpacked on this machine. */
export class CorpusUnavailableError extends Error {}

/**
 * Builds the corpus unless `folder` has it already; it appears in one rename.
 *
 * @returns what corpus.json says
 */
export async function ensureCorpus(folder, megabytes) {
  const recipe = digest(JSON.stringify({ program, packages, megabytes }));
  const present = await readFile(join(folder, "corpus.json"), "utf8").catch(() => "{}");
  if (JSON.parse(present).recipe === recipe) return JSON.parse(present);
  await mkdir(dirname(resolve(folder)), { recursive: true });
  const work = await mkdtemp(`${resolve(folder)}.incoming-`);
  try {
    const { files } = await build(work, megabytes);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const sources = packages.map(({ name, version, license }) => ({ name, version, license }));
    const index = { recipe, bytes, files, sources };
    await writeFile(join(work, "corpus.json"), `${JSON.stringify(index, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
    return index;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Documents of the named files of a corpus (default: all), file after file. */
export async function readCorpus(folder, isWanted = () => true) {
  const { files } = JSON.parse(await readFile(join(folder, "corpus.json"), "utf8"));
  const documents = [];
  for (const file of files.filter(isWanted)) {
    const lines = (await readFile(join(folder, file.name), "utf8")).trimEnd().split("\n");
    for (const line of lines) documents.push(JSON.parse(line));
  }
  return documents;
}

async function build(folder, megabytes) {
  const groups = new Map();
  for (const entry of packages) {
    const contents = await unpack(entry);
    try {
      for (const { group, kind, text, order } of await documentsOf(entry, contents)) {
        if (!groups.has(group)) groups.set(group, { kind, documents: [] });
        groups.get(group).documents.push({ text, order, bytes: Buffer.byteLength(text) });
      }
    } finally {
      await rm(contents, { recursive: true, force: true });
    }
  }
  for (const [name, { documents }] of groups) {
    if (documents.reduce((sum, { bytes }) => sum + bytes, 0) < SMALLEST_FILE) groups.delete(name);
  }
  const ofKind = (kind) =>
    [...groups.keys()].filter((name) => name !== "en" && groups.get(name).kind === kind).sort();
  const total = megabytes * 1e6;
  const files = [];
  for (const [members, bytes] of [
    [["en"], total / 4],
    [ofKind("code"), total / 4],
    [ofKind("prose"), total * 0.48],
    [ofKind("names"), total * 0.02],
  ]) {
    const shares = share(
      members.map((name) => groups.get(name).documents.reduce((sum, item) => sum + item.bytes, 0)),
      bytes,
    );
    for (const [i, name] of members.entries()) {
      files.push(await writeGroup(folder, name, { ...groups.get(name), limit: shares[i] }));
    }
  }
  return { files };
}

/** Equal parts of `total`, but to nobody more than `available`; what is left over goes to the others. */
function share(available, total) {
  const shares = available.map(() => 0);
  let open = available.map((_, i) => i);
  let rest = total;
  while (open.length > 0) {
    const part = rest / open.length;
    const full = open.filter((i) => available[i] <= part);
    if (full.length === 0) {
      for (const i of open) shares[i] = part;
      return shares;
    }
    for (const i of full) {
      shares[i] = available[i];
      rest -= available[i];
    }
    open = open.filter((i) => available[i] > part);
  }
  return shares;
}

/** Documents in an order that has nothing to do with their names, until the limit; the last one is cut. */
async function writeGroup(folder, group, { kind, documents, limit }) {
  const lines = [];
  let bytes = 0;
  for (const document of documents.sort((a, b) => (a.order < b.order ? -1 : 1))) {
    if (limit - bytes < 1) break;
    const text =
      document.bytes <= limit - bytes ? document.text : cut(document.text, limit - bytes);
    if (text === "") break;
    lines.push(JSON.stringify(text));
    bytes += Buffer.byteLength(text);
  }
  const contents = `${lines.join("\n")}\n`;
  const name = `${group}.jsonl`;
  await writeFile(join(folder, name), contents);
  const sha256 = createHash("sha256").update(contents).digest("hex");
  return {
    name,
    language: group.replace("-names", ""),
    kind,
    documents: lines.length,
    bytes,
    sha256,
  };
}

/** Whole lines from the start, together at most `limit` bytes. */
function cut(text, limit) {
  let end = 0;
  let bytes = 0;
  while (end < text.length) {
    const next = text.indexOf("\n", end) + 1 || text.length;
    bytes += Buffer.byteLength(text.slice(end, next));
    if (bytes > limit) break;
    end = next;
  }
  return text.slice(0, end);
}

/** Downloads a package unless it is there, checks its digest and unpacks it into a folder of its own. */
async function unpack({ name, version, sha256 }) {
  const archive = join(packagesFolder, `${name}_${version.replaceAll(":", "%3a")}.deb`);
  await mkdir(packagesFolder, { recursive: true });
  const present = await readFile(archive).catch(() => undefined);
  if (!present || digest(present) !== sha256) {
    const work = await mkdtemp(join(packagesFolder, "incoming-"));
    try {
      await download(`${name}=${version}`, work);
      const [file] = await readdir(work);
      const actual = digest(await readFile(join(work, file)));
      if (actual !== sha256) {
        throw new Error(`The sha256 of ${file} is ${actual}, expected ${sha256}`);
      }
      await rename(join(work, file), archive);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  const contents = await mkdtemp(join(packagesFolder, "contents-"));
  try {
    await execute("dpkg-deb", ["--extract", archive, contents]);
  } catch (cause) {
    await rm(contents, { recursive: true, force: true });
    throw new CorpusUnavailableError(`Cannot unpack ${archive}: ${cause.message}`, { cause });
  }
  return contents;
}

async function download(what, folder) {
  const get = () =>
    execute("apt-get", ["download", "-qq", "-o", "APT::Sandbox::User=", what], { cwd: folder });
  try {
    await get().catch(async () => {
      await execute("apt-get", ["update", "-qq"]); // there may be no list of packages yet
      await get();
    });
  } catch (cause) {
    const reason = (cause.stderr || cause.message).trim();
    throw new CorpusUnavailableError(`Cannot download the package ${what}: ${reason}`, { cause });
  }
}

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Texts of one package; a long file is several documents. */
async function documentsOf(entry, contents) {
  const folder = join(contents, entry.folder);
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entry.names?.map((language) => `${language}${entry.extension}`);
  const isWanted = ({ name }) => (names ? names.includes(name) : name.endsWith(entry.extension));
  const paths = found
    .filter((item) => item.isFile() && isWanted(item))
    .map((item) => relative(folder, join(item.parentPath ?? item.path, item.name)))
    .sort();
  const pages = [];
  for (const path of paths) {
    const raw = (await readFile(join(folder, path), "utf8")).replaceAll("\r\n", "\n");
    const text = entry.markup ? plainText(raw) : raw;
    pages.push({ path, group: groupOf(entry, path), text });
  }
  const english = new Set(
    pages.filter(({ group }) => group === "en").flatMap(({ text }) => text.split("\n")),
  );
  return pages.flatMap(({ path, group, text }) => {
    const kept =
      entry.code || group === "en"
        ? text
        : text.replace(/.+\n?/g, (line) => (english.has(line.trimEnd()) ? "" : line));
    return split(kept.replace(/\n{3,}/g, "\n\n").trim()).map((part, i) => ({
      group,
      kind: kindOf(entry),
      text: part,
      order: digest(`${entry.name}/${path}/${i}`),
    }));
  });
}

function kindOf({ code, names }) {
  if (code) return "code";
  return names ? "names" : "prose";
}

function groupOf({ code, language, names }, path) {
  if (names) return `${path.split(".")[0]}-names`;
  return code ?? language ?? languageOf(path);
}

/** Parts of whole lines, each up to the longest document; very short ones are left out. */
function split(text) {
  const parts = [];
  for (let rest = text; rest.length >= 80; ) {
    const part = cut(rest, LONGEST_DOCUMENT) || rest.slice(0, LONGEST_DOCUMENT / 4);
    parts.push(part);
    rest = rest.slice(part.length);
  }
  return parts;
}

const REGIONS = new Set(["pt-br", "zh-cn", "zh-tw"]);

/** "de-DE/…" → "de", "pt_BR/…" → "pt-br", "sr@latin/…" → "sr-latin", "C/…" → "en". */
function languageOf(path) {
  const name = path.split("/")[0].toLowerCase().replaceAll("_", "-").replaceAll("@", "-");
  if (name === "c") return "en";
  if (REGIONS.has(name) || name === "sr-latin") return name;
  return name.split("-")[0];
}

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", shy: "­" };
const EMOJI = /<annotation cp="([^"]*)"[^>]*>/g;
const INVISIBLE = /<!--[\s\S]*?-->|<(head|info|script|style)\b[\s\S]*?<\/\1>/gi;
const VERBATIM = /<(pre|screen|code|programlisting)\b[^>]*>([\s\S]*?)<\/\1>/gi;
const BLOCK =
  /<\/?(?:p|div|li|ul|ol|dl|dt|dd|h[1-6]|table|tr|td|th|br|hr|section|title|item|note|steps|terms|list|page|blockquote)\b[^>]*>/gi;

/** What a reader of the HTML or Mallard page sees: a line a paragraph; verbatim blocks keep their lines. */
function plainText(markup) {
  const strip = (part) => decode(part.replace(/<[^>]*>/g, ""));
  const flow = (part) =>
    strip(part.replace(/\s+/g, " ").replace(BLOCK, "\n")).replace(/ *\n */g, "\n");
  const visible = markup.replace(INVISIBLE, "").replace(EMOJI, "<p>$1 ");
  let text = "";
  let at = 0;
  for (const match of visible.matchAll(VERBATIM)) {
    text += flow(visible.slice(at, match.index));
    const isInline = !match[2].includes("\n");
    text += isInline ? strip(match[2]) : `\n${strip(match[2]).replace(/^\n+|\s+$/g, "")}\n`;
    at = match.index + match[0].length;
  }
  return text + flow(visible.slice(at));
}

function decode(text) {
  return text.replace(/&(#?\w+);/g, (whole, name) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const isHex = /^#x/i.test(name);
    return String.fromCodePoint(Number.parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10));
  });
}

if (process.argv[1] && resolve(process.argv[1]) === import.meta.filename) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { megabytes: { type: "string", default: "16" } },
  });
  const megabytes = Number(values.megabytes);
  if (positionals.length !== 1 || !(megabytes > 0)) {
    console.error("Usage: node tools/corpus.mjs DIR [--megabytes N]");
    process.exit(2);
  }
  try {
    const { files, bytes } = await ensureCorpus(positionals[0], megabytes);
    for (const file of files) {
      const size = (file.bytes / 1e6).toFixed(2);
      console.log(`${file.name.padEnd(18)} ${size} MB, ${file.documents} documents`);
    }
    console.log(`${(bytes / 1e6).toFixed(2)} MB in ${positionals[0]}`);
  } catch (error) {
    if (!(error instanceof CorpusUnavailableError)) throw error;
    console.error(error.message);
    process.exit(3);
  }
}
