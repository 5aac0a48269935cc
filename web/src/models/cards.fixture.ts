/** Cards for tests: what is not said is nothing special. */
import type { ModelCard } from "../api/types";

export function card(id: string, said: Partial<ModelCard> = {}): ModelCard {
  return {
    id,
    name: id,
    kind: "chat",
    object: "model_card",
    aliases: [],
    developer: null,
    family: null,
    summary: "",
    lifecycle: {
      status: "active",
      deprecated_at: null,
      shutdown_at: null,
      replaced_by: null,
      note: null,
      source: null,
    },
    banner: null,
    released: null,
    context_tokens: null,
    max_output_tokens: null,
    input_modalities: ["text"],
    output_modalities: ["text"],
    features: [],
    supported_parameters: [],
    prices: { input: null, cached_input: null, output: null },
    providers: [],
    callable: false,
    sandbox: false,
    suggested_prompts: [],
    ...said,
  };
}
