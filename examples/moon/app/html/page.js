const at = (id) => document.getElementById(id);
const day = at("day");

/** Edge of the light: half the rim, and back along half an ellipse. */
function lightOf({ lit, age }) {
  const isWaxing = age < 14.765;
  const radius = Math.abs(100 - 2 * lit);
  const rim = isWaxing ? 1 : 0;
  const back = lit > 50 ? rim : 1 - rim;
  return `M0 -100 A100 100 0 0 ${rim} 0 100 A${radius} 100 0 0 ${back} 0 -100`;
}

async function show() {
  const asked = day.value;
  if (asked === "") return;
  const body = JSON.stringify({ day: asked });
  const answer = await fetch("phase", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  const moon = await answer.json();
  if (asked !== day.value) return; // Another was asked for meanwhile.
  if (!answer.ok) {
    at("name").textContent = moon.message;
    return;
  }
  at("light").setAttribute("d", lightOf(moon));
  at("name").textContent = moon.name;
  at("told").textContent = `${moon.lit} % lit, ${moon.age} days old`;
  at("full").textContent = moon.full === undefined ? "" : `Full again on ${moon.full}`;
}

day.value = new URLSearchParams(location.search).get("day") ?? new Date().toISOString().slice(0, 10);
day.addEventListener("input", show);
await show();
