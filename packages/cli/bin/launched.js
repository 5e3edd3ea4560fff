/** Ends this process as soon as the one that started it on this Node is gone; nobody else knows that there are two. */
export function endWithLauncher() {
  delete process.env.ORRERY_LAUNCHED; // It is not for what this process starts.
  if (!process.channel) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel.unref();
}
