/** The console's frame: the way to its places, and who may see which. */
import { useQuery } from "@tanstack/react-query";
import { NavLink, Outlet, useLocation } from "react-router";
import { sessionQuery } from "../api/queries";
import type { Role, Session } from "../api/types";
import { Page } from "../shell/Page";
import { Answered } from "../ui/Answered";
import { LinkButton } from "../ui/controls";
import { Empty } from "../ui/telling";
import { address, isFor, PLACES, type Place, placeAt } from "./nav";
import { SessionContext } from "./session";

export function Console() {
  const session = useQuery(sessionQuery);
  return (
    <Answered query={session}>
      {(found) => (found === null ? <SignedOut /> : <Inside session={found} />)}
    </Answered>
  );
}

function Inside({ session }: { session: Session }) {
  const { pathname } = useLocation();
  const { role } = session.member;
  const place = placeAt(pathname);
  return (
    <div className="console">
      <nav aria-label="Console" className="sidenav">
        {PLACES.filter((each) => isFor(each, session)).map((each) => (
          <NavLink end={each.path === ""} key={each.path} to={address(each)}>
            {each.label}
          </NavLink>
        ))}
      </nav>
      {place && !isFor(place, session) ? (
        <NotAllowed place={place} role={role} />
      ) : (
        <SessionContext value={session}>
          <Outlet />
        </SessionContext>
      )}
    </div>
  );
}

function SignedOut() {
  const { pathname, search } = useLocation();
  return (
    <Page title="Console">
      <Empty title="Sign in to see the console.">
        <p>Usage, logs, keys and money of an organisation are for its members.</p>
        <LinkButton kind="primary" to={`/sign-in?next=${encodeURIComponent(pathname + search)}`}>
          Sign in
        </LinkButton>
      </Empty>
    </Page>
  );
}

function NotAllowed({ place, role }: { place: Place; role: Role }) {
  return (
    <Page title={place.label}>
      <Empty title={`The role ${role} may not see this place.`}>
        <p>
          It is for {listed(place.roles)}
          {place.house && ", of the organisation that runs this hub"}. An owner or admin of your organisation
          can change your role.
        </p>
        <LinkButton to="/console">Back to the overview</LinkButton>
      </Empty>
    </Page>
  );
}

function listed(roles: readonly Role[]): string {
  return new Intl.ListFormat("en", { type: "disjunction" }).format(roles);
}
