import { HubError } from "../http/hub-error.ts";

export type PageStatus = 200 | 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500;

/** What went wrong, as a page says it. */
export interface Problem {
  readonly status: PageStatus;
  readonly title: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export function problemOf(error: unknown): Problem {
  if (!(error instanceof HubError)) {
    const message = "Something went wrong on our side. It was recorded.";
    return { status: 500, title: "Server error", message, hint: undefined };
  }
  if (error.code === "RepoNotFound") {
    return {
      status: 404,
      title: "Not found",
      message: "There is no such repository here, or you are not allowed to see it.",
      hint: undefined,
    };
  }
  const status = PAGE_STATUSES.find((known) => known === error.status) ?? 400;
  return { status, title: TITLES[status], message: error.message, hint: error.hint };
}

const PAGE_STATUSES: readonly PageStatus[] = [400, 401, 403, 404, 409, 413, 422, 429, 500];

const TITLES: Readonly<Record<PageStatus, string>> = {
  200: "",
  400: "That did not work",
  401: "Sign in first",
  403: "Not allowed",
  404: "Not found",
  409: "Already there",
  413: "Too large",
  422: "That did not work",
  429: "Too many attempts",
  500: "Server error",
};
