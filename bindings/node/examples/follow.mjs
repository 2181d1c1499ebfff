// Follows warnings and errors live: node follow.mjs [SERVER]
import { Client } from "tocsin-client";

const client = new Client(process.argv[2]);
const live = await client.subscribe({ level: "Warning" }).open();
console.log("following");
for await (const message of live.messages()) {
  if (message.kind === "event") {
    const { time, level, type, summary } = message.event;
    console.log(time, level, message.topic, type, summary);
  } else if (message.kind === "gap") {
    console.log(`lost: ${message.atLeast} or more within ${message.first}..${message.last}`);
  }
}
