import type { JSX } from "hono/jsx/jsx-runtime";
import type { Facet, Facets } from "../../services/services.ts";
import { type ListQuery, listUrl, toggleFilter } from "../list-query.ts";
import { taskIcon, taskName } from "../tasks.ts";
import { Icon } from "./icon.tsx";
import type { IconName } from "./icon-shapes.ts";
import { isQuietTag, longTagLabel, shortTagLabel } from "./tag.tsx";

const SHOWN = 8;

type Group = keyof Facets;

const GROUPS: readonly { readonly key: Group; readonly title: string; readonly icon: IconName }[] =
  [
    { key: "tasks", title: "Tasks", icon: "spark" },
    { key: "libraries", title: "Libraries", icon: "code" },
    { key: "datasets", title: "Datasets", icon: "dataset" },
    { key: "languages", title: "Languages", icon: "globe" },
    { key: "licenses", title: "Licences", icon: "scale" },
    { key: "other", title: "Other", icon: "tag" },
  ];

interface Choice extends Facet {
  readonly href: string;
  readonly chosen: boolean;
  readonly icon?: IconName;
}

/** Every filter with its count; choosing one is following a link. */
export function FacetColumn(props: {
  readonly query: ListQuery;
  readonly facets: Facets;
}): JSX.Element {
  const groups = GROUPS.map((group) => ({ ...group, choices: choicesOf(group.key, props) })).filter(
    (group) => group.choices.length > 0,
  );
  if (groups.length === 0)
    return <p class="muted small">Filters appear with the first repositories.</p>;
  return (
    <>
      {groups.map((group) => (
        <FacetGroup title={group.title} icon={group.icon} choices={group.choices} />
      ))}
    </>
  );
}

function choicesOf(
  group: Group,
  { query, facets }: { readonly query: ListQuery; readonly facets: Facets },
): readonly Choice[] {
  return facets[group]
    .filter(({ id }) => !isQuietTag(id))
    .map((facet) => choiceOf(query, facet, group))
    .sort((a, b) => Number(b.chosen) - Number(a.chosen));
}

function choiceOf(query: ListQuery, facet: Facet, group: Group): Choice {
  const isTask = group === "tasks";
  const icon = isTask ? { icon: taskIcon(facet.id.replace("task_categories:", "")) } : {};
  // A task may have been chosen by its own parameter, as on the public site.
  const byParameter = isTask && query.pipelineTag === facet.id;
  const href = byParameter
    ? listUrl(query, { pipelineTag: undefined })
    : toggleFilter(query, facet.id);
  const label = group === "other" ? longTagLabel(facet.id) : facet.label;
  return {
    ...facet,
    ...icon,
    label,
    href,
    chosen: byParameter || query.filters.includes(facet.id),
  };
}

function FacetGroup(group: {
  readonly title: string;
  readonly icon: IconName;
  readonly choices: readonly Choice[];
}): JSX.Element {
  const first = group.choices.slice(0, SHOWN);
  const others = group.choices.slice(SHOWN);
  return (
    <details class="facet" open>
      <summary>
        <Icon name={group.icon} />
        <h2>{group.title}</h2>
        <Icon name="down" class="chevron" />
      </summary>
      <ul>
        {first.map((choice) => (
          <FacetLink choice={choice} />
        ))}
      </ul>
      {others.length > 0 ? (
        <details class="facet-more">
          <summary>{others.length} more</summary>
          <ul>
            {others.map((choice) => (
              <FacetLink choice={choice} />
            ))}
          </ul>
        </details>
      ) : null}
    </details>
  );
}

function FacetLink({ choice }: { readonly choice: Choice }): JSX.Element {
  return (
    <li>
      <a href={choice.href} rel="nofollow" aria-current={choice.chosen ? "true" : undefined}>
        {choice.icon ? <Icon name={choice.icon} /> : null}
        <span class="facet-label" title={choice.label}>
          {choice.label}
        </span>
        {choice.chosen ? (
          <Icon name="close" label="Remove" />
        ) : (
          <span class="facet-count">
            {choice.count}
            <span class="visually-hidden"> repositories</span>
          </span>
        )}
      </a>
    </li>
  );
}

/** What is chosen now, each with a cross that removes it. */
export function ActiveFilters({ query }: { readonly query: ListQuery }): JSX.Element | null {
  const active: { readonly label: string; readonly href: string }[] = [];
  if (query.search !== "") {
    active.push({ label: `“${query.search}”`, href: listUrl(query, { search: "" }) });
  }
  if (query.author !== undefined) {
    active.push({ label: `by ${query.author}`, href: listUrl(query, { author: undefined }) });
  }
  if (query.pipelineTag !== undefined) {
    const href = listUrl(query, { pipelineTag: undefined });
    active.push({ label: taskName(query.pipelineTag), href });
  }
  for (const tag of query.filters)
    active.push({ label: shortTagLabel(tag), href: toggleFilter(query, tag) });
  if (active.length === 0) return null;
  return (
    <section class="active-filters" aria-label="Active filters">
      {active.map((filter) => (
        <a class="chip removable" href={filter.href} title={`Remove ${filter.label}`}>
          <span class="visually-hidden">Remove filter </span>
          {filter.label} <Icon name="close" />
        </a>
      ))}
      {active.length > 1 ? (
        <a class="clear" href={`/${query.type}s`}>
          Clear all
        </a>
      ) : null}
    </section>
  );
}
