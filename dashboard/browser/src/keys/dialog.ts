// A dialog over the page: the browser's own, which keeps the focus in and gives it back.

import { createPortal, h, React } from "../react.ts";

export function Dialog(given: { label: string; className?: string; close: () => void; children?: React.ReactNode }) {
  const box = React.useRef<HTMLDialogElement>(null);
  React.useEffect(() => {
    box.current?.showModal();
    return () => box.current?.close();
  }, []);
  return createPortal(
    h(
      "dialog",
      {
        ref: box,
        className: `vigil-dialog ${given.className ?? ""}`,
        "aria-label": given.label,
        onCancel: (event: React.SyntheticEvent) => {
          event.preventDefault();
          given.close();
        },
        // A click on what lies round the dialog is a click on the dialog itself.
        onClick: (event: React.MouseEvent) => {
          if (event.target === box.current) given.close();
        },
      },
      given.children,
    ),
    document.body,
  );
}
