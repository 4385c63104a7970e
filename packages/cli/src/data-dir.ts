import { resolve } from "node:path";

/** The Hub's data folder: as given, else `BEARHUG_DATA`, else `data` here. */
export function dataDirFrom(option: string | undefined): string {
  return resolve(option ?? (process.env["BEARHUG_DATA"] || "data"));
}
