/** Signing in with a local account, and why it did not work, in words. */
import { signIn as texts } from "@/texts/sign-in";
import { ApiError, call } from "./api/client";
import { duration } from "./format";

export const signIn = (username: string, password: string) => call("POST /api/v1/auth/login", { body: { username, password } });

export function refusal(error: unknown): string {
  if (!(error instanceof ApiError)) return texts.failed;
  switch (error.code) {
    case "bad_credentials":
      return texts.wrong;
    case "too_many_attempts": {
      const wait = error.retryAfterSeconds === null ? texts.fewMinutes : duration(error.retryAfterSeconds * 1000);
      return texts.tooOften(wait);
    }
    case "hub_away":
    case "database_unavailable":
      return texts.hubAway;
    default:
      return error.message;
  }
}
