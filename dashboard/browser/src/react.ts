// Dash brings React 18 as a global; bundling a second one would break hooks.

import type * as ReactTypes from "react";
import type * as ReactDomTypes from "react-dom";

const globals = globalThis as unknown as {
  React: typeof ReactTypes;
  ReactDOM: Pick<typeof ReactDomTypes, "createPortal">;
};

export const React = globals.React;
export const h = React.createElement;
export const createPortal: typeof ReactDomTypes.createPortal = (...given) =>
  globals.ReactDOM.createPortal(...given);

/** What Dash hands to every component. */
export interface DashProps<Own> {
  id?: string;
  className?: string;
  setProps: (changed: Partial<Own>) => void;
}
