// Appends events, each of which is on the broker's disk when it is acknowledged: node append.mjs [SERVER]
import { Client, catalog } from "tocsin-client";

const appender = await new Client(process.argv[2]).appender("billing-1");
const receipt = await appender.append({
  level: "Info", category: "AppEvent", type: "InvoiceSent", sourceId: "billing-1", summary: "Invoice 17 sent",
  snapshot: { cents: 1990 },
});
console.log(`event ${receipt.n} of billing-1 is record ${receipt.seq} of the log, its hash ${receipt.hash}`);

// any number, without waiting for each
for (let used = 80; used < 90; used++) {
  const snapshot = { usagePercent: used, thresholdPercent: 80, usedBytes: used, sizeBytes: 100 };
  await appender.submit(catalog.coreShmThreshold("sip-1", `${used} % used`, snapshot));
}
console.log(`${(await appender.flush()).n} events are durable`);
await appender.close();
