/** What stands where no model has the name, with those that may have been meant. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { modelCardsQuery } from "../api/queries";
import { Page } from "../shell/Page";
import { LinkButton } from "../ui/controls";
import { Empty } from "../ui/telling";
import { modelPath } from "./addresses";
import { nearest } from "./nearest";

export function UnknownModel({ name }: { name: string }) {
  const cards = useQuery(modelCardsQuery);
  const meant = nearest(cards.data ?? [], name);
  return (
    <Page title="No such model">
      <Empty title={`No model is called ${name}.`}>
        {meant.length > 0 && (
          <>
            <p>Perhaps one of these was meant:</p>
            <ul className="row">
              {meant.map((card) => (
                <li key={card.id}>
                  <Link to={modelPath(card.id)}>{card.name}</Link> <code className="faint">{card.id}</code>
                </li>
              ))}
            </ul>
          </>
        )}
        <div className="row">
          <LinkButton to="/models">All models</LinkButton>
          <LinkButton to="/models/deprecations">Models that went away</LinkButton>
        </div>
      </Empty>
    </Page>
  );
}
