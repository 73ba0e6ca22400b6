"use client";
import { DropdownMenu as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./cx";

export interface MenuItem {
  label: ReactNode;
  onSelect: () => void;
  danger?: boolean;
  /** Disables it and says why. */
  why?: string | null;
}

interface Props {
  trigger: ReactNode;
  label: string;
  items: MenuItem[];
  header?: ReactNode;
  /** Takes the focus afterwards, where it should not go back to the trigger. */
  returnFocus?: () => void;
}

export function Menu({ trigger, label, items, header, returnFocus }: Props) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align="end"
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={returnFocus && ((event) => {
            event.preventDefault();
            returnFocus();
          })}
          className="z-50 min-w-44 animate-appear rounded-lg border border-line bg-surface p-1 shadow-up"
        >
          {header && <div className="border-b border-line px-2 pt-1 pb-2 mb-1">{header}</div>}
          {items.map((item, index) => (
            <Radix.Item
              key={index}
              onSelect={item.onSelect}
              disabled={Boolean(item.why)}
              title={item.why ?? undefined}
              className={cx(
                "flex cursor-pointer items-center gap-2 rounded-md px-2 py-1.5 outline-none data-highlighted:bg-hover data-disabled:cursor-not-allowed data-disabled:opacity-50",
                item.danger && "text-bad",
              )}
            >
              {item.label}
            </Radix.Item>
          ))}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
