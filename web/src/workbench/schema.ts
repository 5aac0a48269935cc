/** The request schemas of the columns' models, as the one from which the form is drawn. */
import { queryOptions, useQueries } from "@tanstack/react-query";
import { api, data, isRecord } from "../api/client";

type Schema = Record<string, unknown>;

const schemaQuery = (id: string) =>
  queryOptions({
    queryKey: ["models", id, "schema"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => data(api.GET("/v1/models/{id}/schema", { params: { path: { id } } })),
  });

/** Null until the first of them is there. */
export function useSchema(models: readonly string[]): Schema | null {
  return useQueries({
    queries: [...new Set(models)].map(schemaQuery),
    combine: (answers) =>
      joined(answers.flatMap((answer) => (answer.data === undefined ? [] : [answer.data]))),
  });
}

/** Every parameter of any of them. Where several have it, the first one says what it is. */
function joined(schemas: readonly Schema[]): Schema | null {
  const [first, ...others] = schemas;
  if (first === undefined) return null;
  const union = (name: string) =>
    Object.assign({}, ...others.map((each) => each[name]).filter(isRecord), first[name]);
  return others.length === 0 ? first : { ...first, properties: union("properties"), $defs: union("$defs") };
}
