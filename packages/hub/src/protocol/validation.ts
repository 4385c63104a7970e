/** Reply of `POST /api/validate-yaml`; with status 400 when there are errors. */
export interface ValidateYamlJson {
  readonly errors: readonly { readonly message: string }[];
  readonly warnings: readonly { readonly message: string }[];
}

/** Body of every error reply. */
export interface ErrorJson {
  readonly error: string | readonly string[];
  readonly [key: string]: unknown;
}

/** An item of `models-tags-by-type` and `datasets-tags-by-type` replies. */
export interface TagJson {
  readonly id: string;
  readonly label: string;
  readonly type: string;
  readonly subType?: string;
}
