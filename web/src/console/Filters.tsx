/** The row above a place's figures: which time, and which calls. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button, SelectField, TextField } from "../ui/controls";
import { Segments } from "../ui/Segments";
import { choices, FIELDS } from "./filter";
import { useNames } from "./names";
import { usageQuery } from "./queries";
import type { Change } from "./search";
import { customWindow, SPANS, type TimeWindow, windowQuery } from "./window";

interface Props {
  window: TimeWindow;
  search: URLSearchParams;
  change: Change;
  children?: ReactNode;
}

const FILTERS = [...FIELDS.map(({ name }) => name), "status"];

export function Filters({ window, search, change, children }: Props) {
  const used = useQuery(usageQuery(windowQuery(window), "model,key,member,mode"));
  const names = useNames();
  const isFiltered = FILTERS.some((name) => search.has(name));
  return (
    <search className="filters">
      <Spans change={change} window={window} />
      <div className="filter-fields">
        {FIELDS.map((field) => (
          <SelectField
            key={field.name}
            label={field.label}
            onChange={(event) => change({ [field.name]: event.target.value })}
            value={search.get(field.name) ?? ""}
          >
            <option value="">All</option>
            {choices(field, used.data?.data ?? [], search.get(field.name), names).map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </SelectField>
        ))}
        {children}
        {isFiltered && (
          <Button
            kind="quiet"
            onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, null])))}
          >
            Clear filters
          </Button>
        )}
      </div>
    </search>
  );
}

function Spans({ window, change }: { window: TimeWindow; change: Change }) {
  const choose = (id: TimeWindow["span"]) =>
    change(
      id === "custom" ? { window: id, ...customWindow(Date.now()) } : { window: id, from: null, until: null },
    );
  return (
    <div className="filter-fields">
      <Segments
        label="Time"
        onChange={choose}
        options={[...SPANS, { id: "custom", label: "Custom" }]}
        value={window.span}
      />
      {window.span === "custom" && (
        <div className="filter-fields">
          <TextField
            label="From (UTC)"
            max={window.until}
            onChange={(event) => change({ from: event.target.value })}
            type="datetime-local"
            value={window.from}
          />
          <TextField
            label="Until (UTC)"
            min={window.from}
            onChange={(event) => change({ until: event.target.value })}
            type="datetime-local"
            value={window.until}
          />
        </div>
      )}
    </div>
  );
}
