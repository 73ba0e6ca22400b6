"use client";
import { Check } from "lucide-react";
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

/** One of several, of which one is always chosen. */
export interface MenuChoice {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

interface Props {
  trigger: ReactNode;
  label: string;
  items: MenuItem[];
  header?: ReactNode;
  /** Below the items. */
  choice?: MenuChoice;
  /** Takes the focus afterwards, where it should not go back to the trigger. */
  returnFocus?: () => void;
}

const ITEM = "flex cursor-pointer items-center gap-2 rounded-md px-2 py-1.5 outline-none data-highlighted:bg-hover data-disabled:cursor-not-allowed data-disabled:opacity-50";

function Choice({ label, value, options, onChange }: MenuChoice) {
  return (
    <Radix.RadioGroup value={value} onValueChange={onChange} aria-label={label} className="mt-1 border-t border-line pt-1">
      <Radix.Label className="px-2 pt-1 pb-0.5 text-xs font-medium text-muted">{label}</Radix.Label>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={ITEM}>
          <span className="grid size-4 place-items-center"><Radix.ItemIndicator><Check className="size-4 text-accent" aria-hidden /></Radix.ItemIndicator></span>
          {option.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function Menu({ trigger, label, items, header, choice, returnFocus }: Props) {
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
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 animate-appear overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-up"
        >
          {header && <div className="border-b border-line px-2 pt-1 pb-2 mb-1">{header}</div>}
          {items.map((item, index) => (
            <Radix.Item
              key={index}
              onSelect={item.onSelect}
              disabled={Boolean(item.why)}
              title={item.why ?? undefined}
              className={cx(ITEM, item.danger && "text-bad")}
            >
              {item.label}
            </Radix.Item>
          ))}
          {choice && <Choice {...choice} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
