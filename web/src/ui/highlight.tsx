/** Source text as coloured elements. The highlighter's tree becomes elements, never markup that is parsed. */

import { toJsxRuntime } from "hast-util-to-jsx-runtime";
import bash from "highlight.js/lib/languages/bash";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import { createLowlight } from "lowlight";
import { Fragment, type ReactNode } from "react";
import { jsx, jsxs } from "react/jsx-runtime";

const lowlight = createLowlight({ bash, javascript, json, php, python });
lowlight.registerAlias({ bash: ["sh"], javascript: ["js"] });

/** Longer texts stay plain: colouring them would hold up the page. */
const LONGEST = 200_000;

export function highlighted(code: string, syntax: string): ReactNode {
  if (!lowlight.registered(syntax) || code.length > LONGEST) return code;
  return toJsxRuntime(lowlight.highlight(syntax, code), { Fragment, jsx, jsxs });
}
