/** Signing in with a local account, and why it did not work, in words. */
import { ApiError, call } from "./api/client";
import { duration } from "./format";

export const signIn = (username: string, password: string) => call("POST /api/v1/auth/login", { body: { username, password } });

export function refusal(error: unknown): string {
  if (!(error instanceof ApiError)) return "Something went wrong. Try again.";
  switch (error.code) {
    case "bad_credentials":
      return "Wrong user name or password.";
    case "too_many_attempts": {
      const wait = error.retryAfterSeconds === null ? "a few minutes" : duration(error.retryAfterSeconds * 1000);
      return `Too many attempts. Wait ${wait}, then try again.`;
    }
    case "hub_away":
    case "database_unavailable":
      return "The hub does not answer. Check your network connection, or try again in a moment.";
    default:
      return error.message;
  }
}
