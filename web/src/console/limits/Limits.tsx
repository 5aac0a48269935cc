/** Rules: what the organisation, members, keys and models may use at most, and how they stand. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import { sessionQuery } from "../../api/queries";
import type { Rule } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Button } from "../../ui/controls";
import { Menu } from "../../ui/Menu";
import { type Column, Table } from "../../ui/Table";
import { Empty } from "../../ui/telling";
import { Confirm } from "../Confirm";
import { changed, keysQuery, membersQuery, rulesQuery } from "../queries";
import { useIsManager } from "../session";
import { RuleDialog } from "./RuleDialog";
import { Standing } from "./Standing";

type Open = { kind: "new" } | { kind: "change" | "delete"; rule: Rule };

export function Limits() {
  const rules = useQuery(rulesQuery);
  const isManager = useIsManager();
  const name = useSubjectName();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const create = (
    <Button kind="primary" onClick={() => setOpen({ kind: "new" })}>
      New rule
    </Button>
  );
  const columns: Column<Rule>[] = [
    { head: "For", cell: (rule) => name(rule) },
    { head: "Calling", cell: (rule) => rule.model ?? "any model" },
    { head: "At most", cell: (rule) => <Standing bounds={rule} standing={rule.standing} /> },
  ];
  if (isManager) {
    columns.push({
      head: <span className="visually-hidden">Actions</span>,
      cell: (rule) => (
        <Menu
          items={[
            { label: "Change…", onSelect: () => setOpen({ kind: "change", rule }) },
            { label: "Delete…", onSelect: () => setOpen({ kind: "delete", rule }) },
          ]}
          label="⋯"
          name={`Actions for the rule of ${name(rule)}`}
        />
      ),
    });
  }
  return (
    <Page actions={isManager && create} title="Limits">
      <Answered query={rules}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="Nothing is limited.">
              <p>
                A rule bounds requests, tokens, concurrency or money, of everybody or of one key, member or
                model.
              </p>
              {isManager && create}
            </Empty>
          ) : (
            <Table caption="Rules" columns={columns} rowKey={({ id }) => id} rows={rows} />
          )
        }
      </Answered>
      {open?.kind === "new" && <RuleDialog onClose={close} rule={null} />}
      {open?.kind === "change" && <RuleDialog onClose={close} rule={open.rule} />}
      {open?.kind === "delete" && (
        <Confirm
          act={() => data(api.DELETE("/v1/rules/{id}", { params: { path: { id: open.rule.id } } }))}
          onClose={close}
          onDone={() => {
            changed("rules", "keys");
            close();
          }}
          title="Delete this rule?"
          verb="Delete rule"
        >
          <p>What it bounds is free of it at once.</p>
        </Confirm>
      )}
    </Page>
  );
}

/** Whom a rule is for, by name where it is known. */
function useSubjectName(): (rule: Rule) => string {
  const session = useQuery(sessionQuery).data;
  const keys = useQuery(keysQuery).data ?? [];
  const members = useQuery(membersQuery).data ?? [];
  return ({ subject, subject_id: id }) => {
    const known = subject === "key" ? keys : subject === "member" ? members : [];
    const name = known.find((each) => each.id === id)?.name;
    if (subject === "organisation" && id === session?.organisation.id) return "the whole organisation";
    return `${subject} ${name ?? id}`;
  };
}
