import type { Metadata } from "next";
import { ShellPage } from "./shell";

export const metadata: Metadata = { title: "Shell" };

export default function Page() {
  return <ShellPage />;
}
