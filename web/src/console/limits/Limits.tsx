/** Rules: what the organisation, members, keys and models may use at most, and how they stand. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../../api/client";
import type { Rule } from "../../api/types";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { Button } from "../../ui/controls";
import { Menu } from "../../ui/Menu";
import { actions, type Column, Table } from "../../ui/Table";
import { Empty } from "../../ui/telling";
import { FormDialog } from "../FormDialog";
import { useNames } from "../names";
import { changed, rulesQuery } from "../queries";
import { useIsManager, useSession } from "../session";
import { RuleDialog } from "./RuleDialog";
import { Standing } from "./Standing";

type Open = { kind: "new" } | { kind: "change" | "delete"; rule: Rule };

export function Limits() {
  const rules = useQuery(rulesQuery);
  const isManager = useIsManager();
  const isHouse = useSession().organisation.house;
  const names = useNames();
  const name = (rule: Rule) => names.subject(rule.subject, rule.subject_id);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const create = (
    <Button kind="primary" onClick={() => setOpen({ kind: "new" })}>
      New rule
    </Button>
  );
  const columns: Column<Rule>[] = [
    {
      head: "For",
      cell: (rule) => (
        <>
          <span className="name">{name(rule)}</span>
          <small className="under">{KINDS[rule.subject]}</small>
        </>
      ),
    },
    { head: "Calling", cell: (rule) => rule.model ?? <span className="faint">any model</span> },
    { head: "At most", cell: (rule) => <Standing bounds={rule} standing={rule.standing} /> },
  ];
  if (isManager) {
    columns.push(
      actions((rule) =>
        isHouse || isOfOnesOwn(rule) ? (
          <Menu
            items={[
              { label: "Change…", onSelect: () => setOpen({ kind: "change", rule }) },
              { label: "Delete…", danger: true, onSelect: () => setOpen({ kind: "delete", rule }) },
            ]}
            label="⋯"
            name={`Actions for the rule of ${name(rule)}`}
          />
        ) : null,
      ),
    );
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
            <Table caption="Rules" cards columns={columns} rowKey={({ id }) => id} rows={rows} />
          )
        }
      </Answered>
      {open?.kind === "new" && <RuleDialog onClose={close} rule={null} />}
      {open?.kind === "change" && <RuleDialog onClose={close} rule={open.rule} />}
      {open?.kind === "delete" && (
        <FormDialog
          kind="danger"
          act={() => data(api.DELETE("/v1/rules/{id}", { params: { path: { id: open.rule.id } } }))}
          onClose={close}
          onDone={() => {
            changed("rules", "keys");
            close();
          }}
          title={`Delete the rule of “${name(open.rule)}”?`}
          verb="Delete rule"
        >
          <p>What it bounds is free of it at once.</p>
        </FormDialog>
      )}
    </Page>
  );
}

const KINDS: Record<Rule["subject"], string> = {
  organisation: "organisation",
  member: "member",
  key: "key",
  model: "model, whoever calls it",
};

/** Rules of organisations and of models are set by who runs the hub. */
function isOfOnesOwn({ subject }: Rule): boolean {
  return subject === "member" || subject === "key";
}
