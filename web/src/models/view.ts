/** How this browser's reader likes the catalogue. */

export type View = "cards" | "table";

const PLACE = "entrepot.models.view";

export function rememberedView(): View {
  try {
    return localStorage.getItem(PLACE) === "table" ? "table" : "cards";
  } catch {
    return "cards";
  }
}

export function rememberView(view: View): void {
  try {
    localStorage.setItem(PLACE, view);
  } catch {
    // It holds until the page is left then.
  }
}
