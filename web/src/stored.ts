/** Texts that the browser keeps. One that keeps none is no fault: what was chosen holds until the page is left then. */

type Storage = "localStorage" | "sessionStorage";

export function recall(place: string, storage: Storage = "localStorage"): string | null {
  try {
    return window[storage].getItem(place);
  } catch {
    return null;
  }
}

/** Null forgets what stands there. */
export function remember(place: string, text: string | null, storage: Storage = "localStorage"): void {
  try {
    if (text === null) window[storage].removeItem(place);
    else window[storage].setItem(place, text);
  } catch {
    // See above.
  }
}
