// What the contestants read: long documents and short sentences, cut into slices of the same mix of languages and code.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CorpusUnavailableError, ensureCorpus, readCorpus } from "../../tools/corpus.mjs";

const SLICE_BYTES = 1 << 17;
const SENTENCES_IN_BATCH = 2000;

/**
 * Writes the texts into a folder of their own in `folder`: each a JSON file `{ "slices": string[][] }`.
 *
 * @returns paths, sizes and the origin of the text
 */
export async function prepareTexts(folder, { root, megabytes }) {
  const { documents, prose, origin } = await readDocuments(root, megabytes);
  const shuffled = shuffle(documents);
  const long = deal(shuffled, Math.max(1, Math.round(sizeOf(shuffled) / SLICE_BYTES)));
  const short = batches(shuffle(prose.flatMap(sentences)), megabytes * 1e6 * 0.4);
  const items = shuffle(documents.flatMap(paragraphs));
  const training = [take(items, megabytes * 1e6 * 0.25)];
  const trainingShort = [take(items, megabytes * 1e6 * 0.06)];
  const texts = {};
  const target = join(folder, `texts-${megabytes}`);
  await mkdir(target, { recursive: true });
  for (const [name, slices] of Object.entries({ long, short, training, trainingShort })) {
    const path = join(target, `${name}.json`);
    await writeFile(path, JSON.stringify({ slices }));
    const all = slices.flat();
    texts[name] = { path, bytes: sizeOf(all), texts: all.length, slices: slices.length };
  }
  return { texts, origin };
}

/** The Debian corpus; without it, what this repository holds. */
async function readDocuments(root, megabytes) {
  const folder = join(root, ".assets", `corpus-${megabytes}`);
  try {
    const { bytes, sources } = await ensureCorpus(folder, megabytes);
    return {
      documents: await readCorpus(folder),
      prose: await readCorpus(folder, ({ kind }) => kind === "prose"),
      origin: { name: "tools/corpus.mjs", bytes, sources },
    };
  } catch (error) {
    if (!(error instanceof CorpusUnavailableError)) throw error;
    console.log(`${error.message}\nThe text of this repository is used instead: it is less.`);
    const documents = await ownText(root);
    return { documents, prose: documents, origin: { name: "this repository's own text" } };
  }
}

async function ownText(root) {
  const texts = [];
  for (const folder of ["docs", "packages", "fixtures", "tests"]) {
    const found = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    const paths = found
      .filter((item) => item.isFile() && /\.(ts|tsx|md|py|css)$|-goldens?.*\.json$/.test(item.name))
      .map((item) => join(item.parentPath ?? item.path, item.name))
      .filter((path) => !/node_modules|[\\/]dist[\\/]/.test(path));
    for (const path of paths.sort()) texts.push(await readFile(path, "utf8"));
  }
  return texts.filter((text) => text.length > 0 && text.length < SLICE_BYTES);
}

const sizeOf = (texts) => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** An order that depends on nothing but the texts. */
function shuffle(texts) {
  const keyed = texts.map((text) => ({ text, key: createHash("md5").update(text).digest("hex") }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ text }) => text);
}

/** Each text to the slice that has least so far, so that slices come out equal. */
function deal(texts, count) {
  const slices = Array.from({ length: count }, () => ({ texts: [], bytes: 0 }));
  for (const text of texts) {
    const least = slices.reduce((a, b) => (b.bytes < a.bytes ? b : a));
    least.texts.push(text);
    least.bytes += Buffer.byteLength(text);
  }
  return slices.map((slice) => slice.texts);
}

function take(texts, bytes) {
  let sum = 0;
  return texts.filter((text) => {
    if (sum >= bytes) return false;
    sum += Buffer.byteLength(text);
    return true;
  });
}

const paragraphs = (text) => text.split(/(?<=\n)\n+/).filter((part) => part.trim() !== "");

/** Sentences of 10 to 40 words. */
function sentences(text) {
  return text
    .split(/(?<=[.!?。؟।])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => {
      const words = sentence.split(/\s+/).length;
      return words >= 10 && words <= 40;
    });
}

function batches(texts, bytes) {
  const taken = take(texts, bytes);
  const result = [];
  for (let at = 0; at + SENTENCES_IN_BATCH <= taken.length; at += SENTENCES_IN_BATCH) {
    result.push(taken.slice(at, at + SENTENCES_IN_BATCH));
  }
  return result.length > 0 ? result : [taken];
}
