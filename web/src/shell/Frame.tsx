/** What stands around every page: the way to the others, the theme, and who has signed in. */
import { Suspense } from "react";
import { NavLink, Outlet, ScrollRestoration } from "react-router";
import { Loading } from "../ui/telling";
import { Account } from "./Account";
import { ThemeMenu } from "./ThemeMenu";

const PLACES = [
  { to: "/models", label: "Models" },
  { to: "/workbench", label: "Workbench" },
  { to: "/console", label: "Console" },
] as const;

export function Frame() {
  return (
    <div className="frame">
      <a className="skip button" href="#main">
        Skip to the page
      </a>
      <header className="topbar">
        <NavLink aria-label="Entrepôt, start page" className="brand" end to="/">
          <img alt="" height="22" src="/favicon.svg" width="22" />
          <span>Entrepôt</span>
        </NavLink>
        <nav aria-label="Main" className="topnav">
          {PLACES.map(({ to, label }) => (
            <NavLink key={to} to={to}>
              {label}
            </NavLink>
          ))}
        </nav>
        <ThemeMenu />
        <Account />
      </header>
      <main id="main">
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <ScrollRestoration />
    </div>
  );
}
