/** Whose money a place shows: the member's own organisation; for managers of the house, any. */
import { useQuery } from "@tanstack/react-query";
import type { Organisation } from "../api/types";
import { SelectField } from "../ui/controls";
import { organisationsQuery } from "./queries";
import type { Change } from "./search";
import { useSession } from "./session";

interface Chosen {
  id: string;
  isOwn: boolean;
  all: readonly Organisation[];
}

export function useOrganisation(search: URLSearchParams): Chosen {
  const own = useSession().organisation.id;
  const all = useQuery(organisationsQuery).data ?? [];
  const id = search.get("organisation") ?? own;
  return { id, isOwn: id === own, all };
}

export function OrganisationField({ organisation, change }: { organisation: Chosen; change: Change }) {
  const own = useSession().organisation.id;
  if (organisation.all.length < 2) return null;
  return (
    <SelectField
      label="Organisation"
      onChange={(event) =>
        change({ organisation: event.target.value === own ? null : event.target.value, tab: null })
      }
      value={organisation.id}
    >
      {organisation.all.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
