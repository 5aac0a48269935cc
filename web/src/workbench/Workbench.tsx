/** The workbench: models side by side that answer the same prompt. Its address carries models and parameters. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { modelCardsQuery, queryClient } from "../api/queries";
import { callKey } from "../keys";
import { readPlace, writePlace } from "./address";
import { Board } from "./Board";
import { cardOf, EngineProvider, useBench, useEngine, useModels } from "./bench";
import { type Engine, engine, type Traits } from "./engine";
import { save } from "./history";
import { firstModel } from "./picking";
import { newBench, newColumn } from "./state";

export function Workbench() {
  const [place] = useState(() => readPlace(location.search));
  const [isKeyAsked, askKey] = useState(false);
  const [running] = useState(() => {
    const { models, protocol, parameters, system } = place;
    const made: Engine = engine(newBench(models, { protocol, parameters, system }), {
      token: () => callKey()?.token ?? null,
      traits,
      onSave: () => void save(made.state()).catch(() => undefined), // a browser that keeps nothing has no history
      onKeyless: () => askKey(true),
    });
    if (place.prompt !== "") made.dispatch({ type: "written", draft: { text: place.prompt } });
    return made;
  });
  useEffect(() => () => running.stop(), [running]);
  return (
    <EngineProvider value={running}>
      <title>Workbench · Entrepôt</title>
      <Address />
      <Board isKeyAsked={isKeyAsked} onAskKey={askKey} />
    </EngineProvider>
  );
}

function traits(model: string): Traits {
  const card = cardOf(queryClient.getQueryData(modelCardsQuery.queryKey), model);
  if (card === undefined) return {};
  return {
    thinks: card.features.some(({ name }) => name === "reasoning"),
    maxOutputTokens: card.max_output_tokens,
    takes: card.supported_parameters,
  };
}

/** Keeps the address in step, and begins with a model where it names none. */
function Address() {
  const board = useEngine();
  const navigate = useNavigate();
  const { search } = useLocation();
  const began = useRef(false);
  const cards = useQuery(modelCardsQuery).data;
  const models = useModels();
  const { protocol, parameters } = useBench((bench) => bench.settings);
  const wanted = writePlace({ models, protocol, parameters });
  useEffect(() => {
    if (search !== wanted) navigate({ search: wanted }, { replace: true, preventScrollReset: true });
  }, [search, wanted, navigate]);
  useEffect(() => {
    if (began.current || cards === undefined) return;
    began.current = true;
    const model = firstModel(cards);
    if (board.state().columns.length === 0 && model !== null) {
      board.dispatch({ type: "added", column: newColumn(model) });
    }
  }, [cards, board]);
  return null;
}
