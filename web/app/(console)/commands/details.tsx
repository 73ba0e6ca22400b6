"use client";
import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleX, Eye } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { ApiError, call, sentence } from "@/lib/api/client";
import { useAction, useMe } from "@/lib/api/hooks";
import type { SiteCommand } from "@/lib/api/schema";
import { protocolOf } from "@/lib/attachment/way";
import { isUnfinished, refreshMs, took, trouble } from "@/lib/commands";
import { fullTime } from "@/lib/format";
import { routes } from "@/lib/routes";
import { asSentence } from "@/lib/sentence";
import { anywhere } from "@/texts/anywhere";
import { commands } from "@/texts/commands";
import { Button, buttonClass } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Confirm, Dialog, DialogButtons } from "@/ui/dialog";
import { Facts, type Fact } from "@/ui/facts";
import { Progress } from "@/ui/progress";
import { Failure, SkeletonRows } from "@/ui/states";
import { useToast } from "@/ui/toast";
import { Time } from "../_components/page";
import { Findings } from "./findings";
import { Output } from "./output";
import { SessionName, useSession } from "./session";
import { StateBadge } from "./standing";

/** Why nothing came of it, and what to do. */
function Trouble({ command }: { command: SiteCommand }) {
  const found = trouble(command);
  if (!found) return null;
  const bad = command.state === "failed";
  const Icon = bad ? CircleX : CircleAlert;
  return (
    <div className={cx("flex items-start gap-2.5 rounded-xl border px-4 py-2.5", bad ? "border-bad/40 bg-bad-soft text-bad" : "border-warn/40 bg-warn-soft text-warn")}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0">
        <p className="font-medium">{found.title}</p>
        <p className="text-[13px] break-words text-ink">{command.message ? `${asSentence(command.message)} ${found.todo}` : found.todo}</p>
        {bad && command.failed_code && <p className="mt-0.5 font-mono text-xs text-muted">{command.failed_code}</p>}
      </div>
    </div>
  );
}

/** Where it stands: read aloud when that changes, and how far it is when one asks. */
function State({ command }: { command: SiteCommand }) {
  const { kind, state, percent, step, message, expires_at: expires } = command;
  const text = commands.progress(percent, step);
  const time = took(command);
  return (
    <div className="space-y-2">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span role="status"><StateBadge command={command} /></span>
        {state === "done" && message && <span>{asSentence(message)}</span>}
        {state === "withdrawn" && <span className="text-muted">{commands.statesAbout.withdrawn}</span>}
        {isUnfinished(command) && <span className="text-muted">{state === "running" ? text : commands.expiresIn(<Time value={expires} ago />)}</span>}
        {time && <span className="text-muted">{commands.took(time)}</span>}
      </p>
      {state === "running" && <Progress percent={percent} label={commands.progressOf(commands.kinds[kind].word)} text={text} />}
      {state === "waiting" && <p className="text-muted">{commands.statesAbout.waiting}</p>}
    </div>
  );
}

/** The way to a session that is there to be watched. */
function Watch({ session: id, onGo }: { session: string; onGo: () => void }) {
  const me = useMe().data;
  const session = useSession(id);
  if (!session || !me) return null;
  if (session.end_time) return <p className="text-muted">{commands.sessionOver}</p>;
  const own = session.user_id === me.id;
  return (
    <div>
      <Link href={routes.shell(session.target_id, { protocol: protocolOf(session), session: id, watch: !own })} onClick={onGo} className={buttonClass("primary")}>
        <Eye className="size-4" aria-hidden />{own ? commands.resumeNow : commands.watchNow}
      </Link>
    </div>
  );
}

function facts(command: SiteCommand, onGo: () => void): Fact[] {
  const { id, user, ordered_at: ordered, expires_at: expires, finished_at: finished, session_id: session } = command;
  return [
    { name: commands.orderedBy, value: user },
    { name: commands.ordered, value: fullTime(ordered) },
    finished ? { name: commands.finished, value: fullTime(finished) } : { name: commands.expires, value: fullTime(expires) },
    ...(session ? [{ name: commands.session, value: <><SessionName id={session} /> <Link href={routes.events({ session_id: session })} onClick={onGo} className="ml-1 text-accent underline">{commands.itsEvents}</Link></> }] : []),
    { name: commands.id, value: <span className="font-mono text-xs wrap-anywhere">{id}</span> },
  ];
}

/** All that is known of one command, followed while it goes on. */
export function CommandDetails({ id, onClose }: { id: string; onClose: () => void }) {
  const admin = useMe().data?.role === "admin";
  const [asking, setAsking] = useState(false);
  const withdraw = useAction("DELETE /api/v1/admin/commands/{id}");
  const say = useToast();
  const found = useQuery({
    queryKey: ["GET /api/v1/admin/commands/{id}", id],
    queryFn: () => call("GET /api/v1/admin/commands/{id}", { path: { id } }),
    refetchInterval: ({ state: { data } }) => (data ? refreshMs([data]) : false),
  });
  const command = found.data;
  const gone = found.error instanceof ApiError && found.error.status === 404;
  const kind = command && commands.kinds[command.kind];
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={kind?.word ?? anywhere.loading} description={command && commands.zone(command.satellite, command.zone)}>
      {found.error && <div className="mb-4"><Failure onRetry={() => void found.refetch()}>{gone ? commands.missing : sentence(found.error)}</Failure></div>}
      {!command && !found.error && <SkeletonRows rows={3} />}
      {command && (
        <div className="space-y-4">
          <State command={command} />
          <Trouble command={command} />
          {command.findings.length > 0 && <Findings findings={command.findings} />}
          {command.has_output && <Output id={id} mayRead={admin} />}
          {command.kind === "watch" && command.state === "done" && command.session_id && <Watch session={command.session_id} onGo={onClose} />}
          <Facts items={facts(command, onClose)} />
        </div>
      )}
      {admin && command && isUnfinished(command) && (
        <DialogButtons>
          <Button look="danger" onClick={() => setAsking(true)}>{commands.withdrawAsking}</Button>
        </DialogButtons>
      )}
      {kind && (
        <Confirm
          open={asking}
          onOpenChange={setAsking}
          title={commands.withdrawAsked(kind.word)}
          consequence={commands.withdrawAbout}
          action={commands.withdraw}
          onConfirm={async () => {
            await withdraw.mutateAsync({ path: { id } });
            say(commands.isWithdrawn);
          }}
          explain={sentence}
        />
      )}
    </Dialog>
  );
}
