/** Single calls, newest first, with what they were about; on demand as they happen. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Page } from "../../shell/Page";
import { Check, LinkButton, SelectField } from "../../ui/controls";
import { Pages } from "../../ui/Pages";
import { Empty, Notice } from "../../ui/telling";
import { Filters } from "../Filters";
import { filterOf } from "../filter";
import { type LogFilter, logs, logsQuery } from "../queries";
import { useSearch } from "../search";
import { type TimeWindow, windowOf, windowQuery } from "../window";
import { Calls } from "./Calls";
import { joined, useTail } from "./tail";

const STATUSES = [400, 401, 402, 403, 404, 408, 413, 429, 499, 500, 502, 503, 504];

export function Logs() {
  const [search, change] = useSearch();
  const window = windowOf(search, "7d");
  const status = search.get("status") ?? "";
  const filter: LogFilter = { ...filterOf(search), ...(status && { status }) };
  const isPast =
    window.span === "custom" && window.until !== "" && Date.parse(`${window.until}Z`) < Date.now();
  return (
    <Page
      actions={
        <Check
          checked={search.has("live") && !isPast}
          disabled={isPast}
          label={isPast ? "Live tail: not for a time that is over" : "Live tail"}
          onChange={(event) => change({ live: event.target.checked ? "1" : null })}
        />
      }
      title="Logs"
    >
      <div className="stack">
        <Filters change={change} search={search} window={window}>
          <SelectField
            label="Outcome"
            onChange={(event) => change({ status: event.target.value })}
            value={status}
          >
            <option value="">All</option>
            <option value="succeeded">Succeeded</option>
            <option value="failed">Errors only</option>
            {STATUSES.map((each) => (
              <option key={each} value={each}>
                Status {each}
              </option>
            ))}
          </SelectField>
        </Filters>
        <Found
          filter={filter}
          isLive={search.has("live") && !isPast}
          key={JSON.stringify([window, filter])}
          window={window}
        />
      </div>
    </Page>
  );
}

interface FoundProps {
  window: TimeWindow;
  filter: LogFilter;
  isLive: boolean;
}

function Found({ window, filter, isLive }: FoundProps) {
  const ask = windowQuery(window);
  const query = useInfiniteQuery(logsQuery(ask, filter));
  const first = query.data?.pages[0]?.tail_cursor;
  const tail = useTail(first, isLive, (after, signal) => logs(ask, { ...filter, after }, signal));
  return (
    <Pages query={query}>
      {(listed) => {
        const rows = joined(tail.rows, listed);
        return (
          <>
            {isLive && <Following arrived={tail.rows.length} error={tail.error} />}
            {rows.length === 0 ? (
              <NoCalls isFiltered={Object.keys(filter).length > 0} isLive={isLive} />
            ) : (
              <Calls rows={rows} />
            )}
          </>
        );
      }}
    </Pages>
  );
}

function Following({ arrived, error }: { arrived: number; error: unknown }) {
  if (error !== null) {
    return (
      <Notice tone="warn">
        The live tail has no answer from the hub: {error instanceof Error ? error.message : "unknown reason"}{" "}
        It goes on trying.
      </Notice>
    );
  }
  return (
    <p className="small muted" role="status">
      Following: calls appear when they have ended, after about two seconds.
      {arrived > 0 && ` ${arrived} so far.`}
    </p>
  );
}

function NoCalls({ isFiltered, isLive }: { isFiltered: boolean; isLive: boolean }) {
  if (isFiltered) return <Empty title="No call in this time fits the filters." />;
  return (
    <Empty title={isLive ? "No calls yet." : "No calls in this time."}>
      <p>Make one, and it stands here with its tokens, its times and its cost.</p>
      <LinkButton kind="primary" to="/">
        Open the start guide
      </LinkButton>
    </Empty>
  );
}
