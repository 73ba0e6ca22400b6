"use client";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { createContext, useCallback, useContext, useRef, useState, type ReactNode } from "react";
import { anywhere } from "@/texts/anywhere";
import { IconButton } from "./button";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

type Say = (text: string, options?: { bad?: boolean }) => void;

const ToastContext = createContext<Say>(() => undefined);
/** How long a word stays. Bad news stays until it is put away. */
const STAY_MS = 4000;

export const useToast = (): Say => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const nextId = useRef(0);
  const remove = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const say = useCallback<Say>(
    (text, options) => {
      const toast = { id: nextId.current++, text, bad: options?.bad === true };
      // The same once more takes the place of the first.
      setToasts((all) => [...all.filter((other) => other.text !== text).slice(-3), toast]);
      if (!toast.bad) setTimeout(() => remove(toast.id), STAY_MS);
    },
    [remove],
  );
  return (
    <ToastContext value={say}>
      {children}
      <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-4 bottom-4 z-50 flex flex-col items-end gap-2">
        {toasts.map((toast) => (
          <div key={toast.id} className="pointer-events-auto flex max-w-md animate-slide items-center gap-2.5 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-3 shadow-up">
            {toast.bad ? <CircleAlert aria-hidden className="size-4 shrink-0 text-bad" /> : <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" />}
            <span className="min-w-0">{toast.text}</span>
            <IconButton label={anywhere.dismiss} className="size-7" onClick={() => remove(toast.id)}>
              <X className="size-3.5" aria-hidden />
            </IconButton>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
