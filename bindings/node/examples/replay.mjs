// What the log holds, with a cursor in a file: node replay.mjs [SERVER [CURSOR_FILE]]
import { Client } from "tocsin-client";

const [server, cursorFile = "replay.cursor"] = process.argv.slice(2);
const stream = new Client(server).stream({ from: "first", cursorFile, follow: false, onNotice: console.log });
for await (const { seq, topic, event } of stream) {
  console.log(seq, topic, event.type, event.summary);
}
console.log(`all through ${stream.cursor} is handled; the next run goes on behind it`);
