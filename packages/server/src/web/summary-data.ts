import type { RepoSummary } from "../services/services.ts";

/** A repository in a page's JSON, under the names that the JSON API uses. */
export function summaryData(repo: RepoSummary): Readonly<Record<string, unknown>> {
  return {
    _id: repo.recordId,
    id: repo.id,
    type: repo.type,
    author: repo.owner,
    sha: repo.sha,
    private: repo.private,
    gated: repo.gated,
    likes: repo.likes,
    downloads: repo.downloads,
    tags: repo.tags,
    pipeline_tag: repo.pipelineTag,
    library_name: repo.libraryName,
    safetensors: repo.safetensors,
    createdAt: repo.createdAt.toISOString(),
    lastModified: repo.lastModified.toISOString(),
  };
}
