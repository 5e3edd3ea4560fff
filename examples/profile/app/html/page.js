// Sends a picture as soon as it is chosen; without this script the button does.
const BYTES_MAX = 900_000;

const form = document.querySelector("form");
const pic = document.querySelector("#pic");
const told = document.querySelector("#told");
document.documentElement.classList.add("scripted");

pic?.addEventListener("change", () => {
  const [file] = pic.files;
  if (file === undefined) return;
  if (file.size > BYTES_MAX) {
    told.textContent = `This picture has ${Math.ceil(file.size / 1_000)} kB, choose one of up to ${BYTES_MAX / 1_000} kB`;
    told.dataset.trouble = "";
    return;
  }
  told.textContent = "Sending…";
  delete told.dataset.trouble;
  form.requestSubmit();
});
