import type { Metadata } from "next";
import { shell } from "@/texts/shell";
import { ShellPage } from "./shell";

export const metadata: Metadata = { title: shell.title };

export default function Page() {
  return <ShellPage />;
}
