/** How the hub is set, and where each value comes from. Settings are changed where they come from, not here. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Setting } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Check, TextField } from "../../ui/controls";
import { type Column, Table } from "../../ui/Table";
import { Badge, Empty } from "../../ui/telling";
import { settingsQuery } from "../queries";

const COLUMNS: readonly Column<Setting>[] = [
  {
    head: "Setting",
    cell: (setting) => (
      <>
        <span className="mono">{setting.name}</span>
        <p className="help">{setting.description}</p>
      </>
    ),
  },
  { head: "Value", cell: (setting) => <Value setting={setting} /> },
  { head: "From", cell: (setting) => <Source setting={setting} /> },
  { head: "Variable", cell: (setting) => <span className="mono small">{setting.variable}</span> },
];

export function Settings() {
  const settings = useQuery(settingsQuery);
  const [words, setWords] = useState("");
  const [onlySet, setOnlySet] = useState(false);
  return (
    <Page title="Settings">
      <div className="stack">
        <p className="muted">
          Set in <code>entrepot.toml</code>, in the environment, or by an option of{" "}
          <code>entrepot serve</code>; the later goes before the earlier.
        </p>
        <div className="filters">
          <TextField
            label="Search"
            onChange={(event) => setWords(event.target.value)}
            type="search"
            value={words}
          />
          <Check
            checked={onlySet}
            label="Only what is not the default"
            onChange={(event) => setOnlySet(event.target.checked)}
          />
        </div>
        <Answered query={settings}>
          {(rows) => {
            const found = rows.filter(
              (each) => holds(each, words) && (!onlySet || each.source !== "default"),
            );
            return found.length === 0 ? (
              <Empty title="No setting is like this." />
            ) : (
              <Table caption="Settings" columns={COLUMNS} rowKey={({ name }) => name} rows={found} />
            );
          }}
        </Answered>
      </div>
    </Page>
  );
}

function holds(setting: Setting, words: string): boolean {
  const text = `${setting.name} ${setting.variable} ${setting.description}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function Value({ setting }: { setting: Setting }) {
  if (setting.secret)
    return <Badge tone={setting.is_set ? "good" : undefined}>{setting.is_set ? "set" : "not set"}</Badge>;
  const { value } = setting;
  if (value === null || value === "" || (Array.isArray(value) && value.length === 0))
    return <span className="faint">none</span>;
  return <span className="mono">{Array.isArray(value) ? value.join(", ") : String(value)}</span>;
}

function Source({ setting }: { setting: Setting }) {
  return (
    <>
      <Badge tone={setting.source === "default" ? undefined : "accent"}>{setting.source}</Badge>
      {setting.origin && <p className="help mono">{setting.origin}</p>}
    </>
  );
}
