import type { Metadata } from "next";
import { kinds } from "@/texts/kinds";
import { ShellPage } from "./shell";

export const metadata: Metadata = { title: kinds.shell.title };

export default function Page() {
  return <ShellPage />;
}
