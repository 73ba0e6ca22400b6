"use client";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { ApiError } from "@/lib/api/client";
import { tellSignedOut } from "@/lib/api/signed-out";
import { routes } from "@/lib/routes";
import { ToastProvider } from "@/ui/toast";

/** In place where the page can, so that nothing typed is lost; else by a full load of the sign-in page. */
function signInAgain(error: unknown) {
  if (!(error instanceof ApiError) || error.status !== 401 || error.code === "bad_credentials") return;
  if (window.location.pathname.startsWith("/login") || tellSignedOut()) return;
  window.location.assign(routes.login(window.location.pathname + window.location.search));
}

function makeClient() {
  return new QueryClient({
    queryCache: new QueryCache({ onError: signInAgain }),
    mutationCache: new MutationCache({ onError: signInAgain }),
    defaultOptions: {
      queries: {
        staleTime: 2000,
        // What the hub decided stays decided; only its absence may pass.
        retry: (count, error) => error instanceof ApiError && (error.status === 0 || error.status >= 500) && count < 2,
      },
    },
  });
}

export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={client}>
      <ToastProvider>{children}</ToastProvider>
    </QueryClientProvider>
  );
}
