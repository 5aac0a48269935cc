/** A month's statement: what there was, what moved, what was used and what is left; as a file and to print. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { api, data } from "../../api/client";
import { Nowhere } from "../../shell/Broken";
import { Page } from "../../shell/Page";
import { Answered } from "../../ui/Answered";
import { LinkButton, SelectField } from "../../ui/controls";
import { OrganisationField, useOrganisation } from "../organisation";
import { useSearch } from "../search";
import { isMonth, monthName, monthOf, monthsBetween } from "./months";
import { StatementView } from "./StatementView";

const statementQuery = (month: string, organisationId: string) =>
  queryOptions({
    queryKey: ["money", "statement", month, organisationId],
    queryFn: () => {
      const params = { path: { month }, query: { organisation_id: organisationId } };
      const headers = { Accept: "application/json" };
      const call = api.GET("/v1/billing/statements/{month}", { params, headers });
      return data(call);
    },
  });

export function Statements() {
  const { month: asked } = useParams();
  const now = monthOf(Date.now());
  return asked === undefined || isMonth(asked) ? <OfMonth month={asked ?? now} now={now} /> : <Nowhere />;
}

function OfMonth({ month, now }: { month: string; now: string }) {
  const navigate = useNavigate();
  const [search, change] = useSearch();
  const organisation = useOrganisation(search);
  const statement = useQuery(statementQuery(month, organisation.id));
  const began = organisation.all.find(({ id }) => id === organisation.id)?.created_at;
  const months = [...new Set([month, ...monthsBetween(began ? monthOf(began) : month, now)])]
    .sort()
    .reverse();
  const at = months.indexOf(month);
  const to = (other: string) => `/console/statements/${other}?${search}`;
  const file = (form: string) => `/v1/billing/statements/${month}.${form}?organisation_id=${organisation.id}`;
  const [older, newer] = [months[at + 1], months[at - 1]];
  return (
    <Page
      actions={
        <>
          <a className="button" download={`statement-${month}.csv`} href={file("csv")}>
            CSV
          </a>
          <a className="button" download={`statement-${month}.json`} href={file("json")}>
            JSON
          </a>
          <a className="button" href={file("html")} rel="noopener" target="_blank">
            Page to print
          </a>
        </>
      }
      title={`Statement ${monthName(month)}`}
    >
      <div className="stack">
        <div className="filter-fields">
          <SelectField label="Month" onChange={(event) => navigate(to(event.target.value))} value={month}>
            {months.map((each) => (
              <option key={each} value={each}>
                {monthName(each)}
                {each === now && " (so far)"}
              </option>
            ))}
          </SelectField>
          <OrganisationField change={change} organisation={organisation} />
          {older && <LinkButton to={to(older)}>← {monthName(older)}</LinkButton>}
          {newer && <LinkButton to={to(newer)}>{monthName(newer)} →</LinkButton>}
        </div>
        <Answered query={statement}>{(found) => <StatementView statement={found} />}</Answered>
      </div>
    </Page>
  );
}
