// A process that does nothing but say that it is there.
process.stdout.write("ready\n");
setInterval(() => undefined, 60_000);
