// A program that sends events with the 1DS JavaScript SDK, in Node or on a page in happy-dom.
//
// Its one argument is JSON: `endpoint`, `key`, `place` ("node" or "page"), `channel` and `features`
// (the SDK's own configuration), `batches` (arrays of events; each is flushed and waited for before
// the next) and `leave` (put the last batch into the queue, then have the visitor leave the page).
// Prints what the SDK itself reports of each event, as JSON.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";

const task = JSON.parse(process.argv[2]);
const report = { sent: 0, discarded: {} };
const settled = () => Object.values(report.discarded).reduce((sum, count) => sum + count, report.sent);

async function inNode() {
  const core = await import("@microsoft/1ds-core-js");
  const post = await import("@microsoft/1ds-post-js");
  return { ...core, ...post, leave: () => {} };
}

// The scripts that a page includes, run by a browser's window: its fetch asks before it sends
// elsewhere, and its navigator has a sendBeacon.
async function onPage() {
  const { Window } = await import("happy-dom");
  const settings = {
    enableJavaScriptEvaluation: true,
    suppressInsecureJavaScriptEnvironmentWarning: true,
  };
  const window = new Window({ url: "http://shop.example/", settings });
  const { resolve } = createRequire(import.meta.url);
  for (const name of ["core", "post"]) {
    const folder = resolve(`@microsoft/1ds-${name}-js/package.json`).replace("package.json", "");
    window.eval(await readFile(`${folder}bundle/es5/ms.${name}.gbl.js`, "utf8"));
  }
  return { ...window.oneDS, leave: () => window.dispatchEvent(new window.Event("pagehide")) };
}

const { AppInsightsCore, EventsDiscardedReason, PostChannel, leave } = await (task.place === "page"
  ? onPage()
  : inNode());

const core = new AppInsightsCore();
const channel = new PostChannel();
core.initialize(
  {
    instrumentationKey: task.key,
    endpointUrl: task.endpoint,
    channels: [[channel]],
    extensionConfig: { [channel.identifier]: task.channel ?? {} },
    featureOptIn: task.features ?? {},
  },
  [],
);
core.addNotificationListener({
  eventsSent: (events) => {
    report.sent += events.length;
  },
  eventsDiscarded: (events, reason) => {
    const name = EventsDiscardedReason[reason] ?? String(reason);
    report.discarded[name] = (report.discarded[name] ?? 0) + events.length;
  },
});

let tracked = 0;
for (const [place, batch] of task.batches.entries()) {
  batch.forEach((event) => core.track(event));
  tracked += batch.length;
  if (task.leave && place === task.batches.length - 1) {
    leave();
  } else {
    channel.flush(true);
  }
  while (settled() < tracked) {
    await wait(20);
  }
}
// What a page sends while it goes away outlives it.
await wait(task.leave ? 500 : 0);
console.log(JSON.stringify(report));
process.exit(0);
