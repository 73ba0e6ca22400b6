/** The mark: a gate with a prompt behind it. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" aria-hidden className={className}>
      <path d="M12 2 4 5v6.2c0 4.9 3.3 8.9 8 10.8 4.7-1.9 8-5.9 8-10.8V5l-8-3Z" className="fill-accent" />
      <path d="m8.6 9 3 2.8-3 2.8M12.8 15h3" stroke="var(--accent-ink)" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
