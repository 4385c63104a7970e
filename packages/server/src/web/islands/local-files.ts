/** Files that somebody chose or dropped, folders walked through, each with its path. */

export interface LocalFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly file: File;
}

/** What systems leave in folders, and nobody means to upload. */
const UNWANTED = /(?:^|\/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$|(?:^|\/)\.git\//;

export function pickedFiles(input: HTMLInputElement): readonly LocalFile[] {
  return [...(input.files ?? [])]
    .map((file) => ({ path: withoutTopFolder(file), file }))
    .filter(({ path }) => !UNWANTED.test(path));
}

/** A chosen folder is uploaded as its content, not as a folder of its own. */
function withoutTopFolder(file: File): string {
  const path = file.webkitRelativePath;
  return path === "" ? file.name : path.slice(path.indexOf("/") + 1);
}

export async function droppedFiles(data: DataTransfer): Promise<readonly LocalFile[]> {
  // Entries must be taken before the first await: the browser clears them.
  const items = [...data.items].map((item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
  }));
  const found = await Promise.all(
    items.map(({ entry, file }) => {
      if (entry !== null) return walk(entry, "");
      return file === null ? [] : [{ path: file.name, file }];
    }),
  );
  return found.flat().filter(({ path }) => !UNWANTED.test(path));
}

async function walk(entry: FileSystemEntry, folder: string): Promise<readonly LocalFile[]> {
  const path = folder + entry.name;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path, file }];
  }
  if (!isDirectory(entry)) return [];
  const children = await readAll(entry.createReader());
  const found = await Promise.all(children.map((child) => walk(child, `${path}/`)));
  return found.flat();
}

/** A reader gives its entries in portions; an empty one is the end. */
async function readAll(reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
