/** A process that does nothing: what Node itself needs. Ends when its input does. */
process.stdout.write("bare\n");
process.stdin.resume();
