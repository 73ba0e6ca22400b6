import { useId, type ReactNode } from "react";

interface Props {
  title: string;
  about?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a page under a heading of its own. */
export function Section({ title, about, action, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-8 first:mt-0">
      <div className="mb-3 flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h2 id={id} className="text-base font-semibold">{title}</h2>
          {about && <p className="mt-0.5 text-muted">{about}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}

/** A box on the page. */
export function Card({ children }: { children: ReactNode }) {
  return <div className="rounded-xl border border-line bg-surface p-4 shadow-card">{children}</div>;
}
