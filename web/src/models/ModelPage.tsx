/** The page of one model, under any of its names. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLocation, useNavigate, useParams } from "react-router";
import { ApiError } from "../api/client";
import { modelPageQuery, queryClient } from "../api/queries";
import type { ModelPage as PageData } from "../api/types";
import { Page } from "../shell/Page";
import { Answered } from "../ui/Answered";
import { LinkButton } from "../ui/controls";
import { comparePath, modelPath, pathOf, workbenchPath } from "./addresses";
import { Benchmarks } from "./page/Benchmarks";
import { Contents } from "./page/Contents";
import { Examples } from "./page/Examples";
import { Banner, Description, Names, Specifications, Tiles } from "./page/Facts";
import { Fields } from "./page/Fields";
import { LatencyTable } from "./page/LatencyTable";
import { Prices } from "./page/Prices";
import { Related } from "./page/Related";
import { type SectionData, sections } from "./page/sections";
import { Endpoints, Features, Links, Prompts, Questions, Uses } from "./page/Texts";
import { ToolTabs } from "./page/ToolTabs";
import { UnknownModel } from "./UnknownModel";

export function ModelPage() {
  const name = useParams()["*"] ?? "";
  const page = useQuery(modelPageQuery(name));
  useCanonicalAddress(name, page.data);
  if (page.error instanceof ApiError && page.error.status === 404) return <UnknownModel name={name} />;
  if (page.data === undefined)
    return (
      <Page title={name}>
        <Answered query={page}>{() => null}</Answered>
      </Page>
    );
  return <Shown page={page.data} />;
}

const CONTENT: Record<SectionData["id"], (props: { page: PageData }) => React.ReactNode> = {
  overview: Overview,
  specifications: Specifications,
  prices: Prices,
  features: Features,
  endpoints: Endpoints,
  benchmarks: Benchmarks,
  parameters: Fields,
  examples: Examples,
  tools: ToolTabs,
  related: Related,
  uses: Uses,
  questions: Questions,
  prompts: Prompts,
  links: Links,
  latency: LatencyTable,
};

function Shown({ page }: { page: PageData }) {
  const shown = sections(page);
  return (
    <Page actions={<Actions page={page} />} title={page.name}>
      <div className="model">
        <Contents key={page.id} sections={shown} />
        <div className="stack" data-wide>
          {shown.map(({ id, title }) => {
            const Content = CONTENT[id];
            return (
              <section aria-labelledby={`${id}-title`} className="stack section" id={id} key={id}>
                <h2 className={id === "overview" ? "visually-hidden" : undefined} id={`${id}-title`}>
                  {title}
                </h2>
                <Content key={page.id} page={page} />
              </section>
            );
          })}
        </div>
      </div>
    </Page>
  );
}

function Overview({ page }: { page: PageData }) {
  return (
    <>
      <Banner page={page} />
      <Names page={page} />
      <Description page={page} />
      <Tiles page={page} />
    </>
  );
}

function Actions({ page }: { page: PageData }) {
  const { addresses, id } = page;
  return (
    <>
      <LinkButton kind="primary" to={workbenchPath([id])}>
        Try in workbench
      </LinkButton>
      <LinkButton to={comparePath([id])}>Compare</LinkButton>
      {(
        [
          ["Markdown", addresses.markdown],
          ["llms.txt", addresses.llms],
          ["JSON", addresses.data],
        ] as const
      ).map(([label, url]) => (
        <LinkButton key={label} kind="quiet" reloadDocument to={pathOf(url)}>
          {label}
        </LinkButton>
      ))}
    </>
  );
}

/** An alias leads to the page's one address, and the document's head names that address. */
function useCanonicalAddress(name: string, page: PageData | undefined) {
  const navigate = useNavigate();
  const { hash } = useLocation();
  useEffect(() => {
    if (page === undefined) return;
    const link =
      document.head.querySelector<HTMLLinkElement>('link[rel="canonical"]') ??
      document.head.appendChild(Object.assign(document.createElement("link"), { rel: "canonical" }));
    link.href = page.addresses.page;
    return () => link.remove();
  }, [page]);
  useEffect(() => {
    if (page === undefined || page.id === name) return;
    queryClient.setQueryData(modelPageQuery(page.id).queryKey, page);
    void navigate(modelPath(page.id) + hash, { replace: true });
  }, [page, name, hash, navigate]);
}
