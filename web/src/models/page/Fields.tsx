/** The fields of a request, from the model's own schema. */
import type { ModelPage, RequestField } from "../../api/types";
import { UNKNOWN } from "../../ui/format";
import { Table } from "../../ui/Table";
import { Badge } from "../../ui/telling";

export function Fields({ page }: { page: ModelPage }) {
  return (
    <>
      <FieldTable fields={page.required_fields} title="Required" />
      <FieldTable fields={page.optional_fields} title="Optional" />
    </>
  );
}

function FieldTable({ title, fields }: { title: string; fields: readonly RequestField[] }) {
  if (fields.length === 0) return null;
  return (
    <div className="stack" data-tight>
      <h3>{title}</h3>
      <Table
        caption={`${title} parameters`}
        columns={[
          {
            head: "Field",
            cell: (field) => (
              <span className="field-name">
                <code>{field.name}</code>
                {field.deprecated && <Badge tone="warn">Deprecated</Badge>}
              </span>
            ),
          },
          { head: "Type", cell: (field) => field.type },
          {
            head: "Default",
            cell: (field) => (field.default === null ? UNKNOWN : <code>{field.default}</code>),
          },
          {
            head: "Bounds",
            cell: (field) => <span className="field-bounds">{field.bounds ?? UNKNOWN}</span>,
          },
          {
            head: "Description",
            cell: (field) => <span className="field-text">{field.description}</span>,
          },
        ]}
        rowKey={(field) => field.name}
        rows={fields}
      />
    </div>
  );
}
