"use client";
/** How somebody likes their terminals: a menu in the bar. */
import { ClipboardPaste, Ear, Minus, Plus, Settings2, WandSparkles } from "lucide-react";
import { COLOURS, type Colours } from "@/lib/terminal/colours";
import type { TerminalPreferences } from "@/lib/terminal/preferences";
import { shell } from "@/texts/shell";
import { IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";

interface Props {
  preferences: TerminalPreferences;
  onPrefer: (preferences: TerminalPreferences) => void;
  /** A dialog or menu is gone: the terminal takes the keys again. */
  onDone: () => void;
}

export function Preferences({ preferences, onPrefer, onDone }: Props) {
  const { fontSize, screenReader, predictions, asksBeforePaste, colours } = preferences;
  const icon = "size-4";
  return (
    <Menu
      label={shell.settings}
      returnFocus={onDone}
      choice={{
        label: shell.colours,
        value: colours,
        options: COLOURS.map((value) => ({ value, label: shell.colourKinds[value] })),
        onChange: (value) => onPrefer({ ...preferences, colours: value as Colours }),
      }}
      trigger={<IconButton label={shell.settings}><Settings2 className={icon} aria-hidden /></IconButton>}
      items={[
        { label: <><Plus className={icon} aria-hidden />{shell.larger}</>, onSelect: () => onPrefer({ ...preferences, fontSize: fontSize + 1 }) },
        { label: <><Minus className={icon} aria-hidden />{shell.smaller}</>, onSelect: () => onPrefer({ ...preferences, fontSize: fontSize - 1 }) },
        {
          label: <><Ear className={icon} aria-hidden />{screenReader ? shell.screenReaderOff : shell.screenReaderOn}</>,
          onSelect: () => onPrefer({ ...preferences, screenReader: !screenReader }),
        },
        {
          label: <><WandSparkles className={icon} aria-hidden />{predictions ? shell.predictionsOff : shell.predictionsOn}</>,
          onSelect: () => onPrefer({ ...preferences, predictions: !predictions }),
        },
        {
          label: <><ClipboardPaste className={icon} aria-hidden />{asksBeforePaste ? shell.pasteAsksOff : shell.pasteAsksOn}</>,
          onSelect: () => onPrefer({ ...preferences, asksBeforePaste: !asksBeforePaste }),
        },
      ]}
    />
  );
}
