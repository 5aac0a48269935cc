/** The sections of a model's page, in the order of its record. One that has nothing to say is not there. */
import type { ModelPage } from "../../api/types";

const SECTIONS = [
  { id: "overview", title: "Overview", there: () => true },
  { id: "specifications", title: "Specifications", there: () => true },
  { id: "prices", title: "Prices", there: () => true },
  {
    id: "features",
    title: "Features",
    there: (page: ModelPage) => page.features.length + page.supported_parameters.length > 0,
  },
  { id: "endpoints", title: "Endpoints", there: (page: ModelPage) => page.endpoints.length > 0 },
  { id: "benchmarks", title: "Benchmarks", there: (page: ModelPage) => page.benchmarks.length > 0 },
  {
    id: "parameters",
    title: "Request parameters",
    there: (page: ModelPage) => page.required_fields.length + page.optional_fields.length > 0,
  },
  { id: "examples", title: "Example request", there: (page: ModelPage) => page.snippets.length > 0 },
  { id: "tools", title: "Use it with", there: (page: ModelPage) => page.tools.length > 0 },
  { id: "related", title: "Related models", there: (page: ModelPage) => page.related.length > 0 },
  {
    id: "uses",
    title: "Good for",
    there: (page: ModelPage) => page.use_cases.length + page.strengths.length + page.limits.length > 0,
  },
  { id: "questions", title: "Questions", there: (page: ModelPage) => page.faq.length > 0 },
  { id: "prompts", title: "First prompts", there: (page: ModelPage) => page.suggested_prompts.length > 0 },
  {
    id: "links",
    title: "Links and sources",
    there: (page: ModelPage) => page.links.length + page.sources.length > 0,
  },
  { id: "latency", title: "Latency on this hub", there: (page: ModelPage) => page.latency !== null },
] as const;

export interface SectionData {
  id: (typeof SECTIONS)[number]["id"];
  title: string;
}

export function sections(page: ModelPage): readonly SectionData[] {
  return SECTIONS.filter(({ there }) => there(page));
}
