/** What an organisation uses: spend, calls, tokens, errors and speed, as tiles, over time and by what they are about. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { UsageGroup, UsageList } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { LinkButton, SelectField } from "../../ui/controls";
import { utc } from "../../ui/format";
import { Empty } from "../../ui/telling";
import { Filters } from "../Filters";
import { FIELDS, filterOf } from "../filter";
import { useNames } from "../names";
import { usageQuery } from "../queries";
import { useSearch } from "../search";
import { ends, windowOf, windowQuery } from "../window";
import { Charts } from "./Charts";
import { Figures } from "./Figures";
import { GROUP_FIELDS, type Grouping, groupOf, linesOf, type Step, stepOf, timesOf } from "./series";
import { Tiles } from "./Tiles";

const NONE: readonly UsageGroup[] = [];

export function Overview() {
  const [search, change] = useSearch();
  const window = windowOf(search, "24h");
  const by = groupingOf(search.get("by"));
  const step = stepOf(window);
  const ask = windowQuery(window);
  const filter = filterOf(search);
  const groupBy = by === null ? step : `${by},${step}`;
  const overTime = useQuery(usageQuery(ask, groupBy, filter));
  const groups = useQuery({ ...usageQuery(ask, by ?? "mode", filter), enabled: by !== null });
  return (
    <Page
      actions={
        <a className="button" download href={csvAddress({ ...ask, ...filter, group_by: groupBy })}>
          Download CSV
        </a>
      }
      title="Overview"
    >
      <div className="stack">
        <Filters change={change} search={search} window={window}>
          <SelectField
            label="Group by"
            onChange={(event) => change({ by: event.target.value })}
            value={by ?? ""}
          >
            <option value="">Nothing</option>
            {FIELDS.filter(({ name }) => name !== "mode").map(({ name, label }) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </SelectField>
        </Filters>
        <Answered query={overTime}>
          {(usage) => (
            <Shown
              by={by}
              groups={(by !== null && groups.data?.data) || NONE}
              isFiltered={Object.keys(filter).length > 0}
              step={step}
              usage={usage}
            />
          )}
        </Answered>
      </div>
    </Page>
  );
}

interface ShownProps {
  usage: UsageList;
  groups: readonly UsageGroup[];
  by: Grouping | null;
  step: Step;
  isFiltered: boolean;
}

function Shown({ usage, groups, by, step, isFiltered }: ShownProps) {
  const names = useNames();
  const window = ends(usage);
  const [times, lines] = useMemo(() => {
    const at = timesOf(ends(usage), step);
    const ordered = by === null ? [""] : groups.map((row) => groupOf(row, by));
    return [at, linesOf(usage.data, at, step, by, ordered)] as const;
  }, [usage, groups, by, step]);
  if (usage.total.requests === 0) return <NoCalls isFiltered={isFiltered} />;
  return (
    <>
      <p className="muted small">
        {utc(window[0] * 1000)} to {utc(window[1] * 1000)}. Days, hours and times are those of UTC; one step
        is {step === "hour" ? "an" : "a"} {step}.
      </p>
      <Tiles total={usage.total} />
      <Charts by={by} lines={lines} names={names} times={times} />
      <Figures by={by} groups={groups} names={names} rows={usage.data} step={step} />
    </>
  );
}

function NoCalls({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <Empty title="No call in this time fits the filters.">
        <p>Take a longer time, or clear a filter.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No calls in this time.">
      <p>Take a longer time, or make a call: the start guide shows how.</p>
      <LinkButton kind="primary" to="/">
        Open the start guide
      </LinkButton>
    </Empty>
  );
}

function groupingOf(text: string | null): Grouping | null {
  return text !== null && text in GROUP_FIELDS ? (text as Grouping) : null;
}

function csvAddress(query: Record<string, string>): string {
  return `/v1/usage?${new URLSearchParams({ ...query, format: "csv" })}`;
}
