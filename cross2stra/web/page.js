import { boxes, element, graph, percent, script, separate, tree } from "./drawing.js";

const part = (id) => document.getElementById(id);
const most = Number(document.body.dataset.photoBytes);
const HINT = "Point at a word, tap it, or move to it with the Tab key, to see what it reads.";
let asked = 0;
let shown = null; // of the answer on the page: its regions' boxes and its nodes' chips
let pinned = null;

function say(status, error = "") {
  part("status").textContent = status;
  part("error").textContent = error;
  document.body.classList.toggle("busy", Boolean(status));
}

async function send(file) {
  const own = ++asked;
  part("result").hidden = true;
  if (!file) return say("", "That was not a file; drop a photo, or choose one.");
  if (file.size > most) return say("", `${file.name}: larger than ${most / 1e6} MB; make it smaller.`);
  say(`Reading ${file.name} …`);
  const form = new FormData();
  form.append("photo", file);
  let response, answer;
  try {
    response = await fetch("/caption", { method: "POST", body: form });
    answer = await response.json();
  } catch {
    answer = { error: "The server did not answer. See whether it still runs, then send the photo again." };
  }
  if (own !== asked) return; // another photo was sent meanwhile
  if (!response?.ok || answer.error) return say("", answer.error || "The server answered without a reason; try again.");
  say("");
  draw(answer);
}

function draw(answer) {
  const over = boxes(answer, answer.language), scene = graph(answer, answer.language);
  const names = answer.regions.map((region) => region.label).join(", ");
  const photo = part("photo");
  photo.src = answer.photo.preview;
  photo.width = answer.photo.width;
  photo.height = answer.photo.height;
  photo.parentElement.style.setProperty("--aspect", (answer.photo.width / answer.photo.height).toFixed(4));
  photo.alt = answer.empty ? "The photo; nothing was recognised in it" : `The photo; regions: ${names}`;
  part("boxes").replaceChildren(...(answer.empty ? [] : over.shown));
  part("graph").replaceChildren(...(answer.empty
    ? [element("p", { class: "absent" }, "Nothing was recognised; the captions are guesses about an empty scene.")]
    : scene.shown));
  shown = { answer, boxes: over.byRegion, chips: scene.byNode };
  caption("target", answer.target);
  caption("pivot", answer.pivot);
  pinned = null;
  clear();
  part("result").hidden = false;
  separate(over.shown);
  part("heading").focus({ preventScroll: true });
  part("result").scrollIntoView({ block: "start" });
}

function caption(side, said) {
  const place = part(side);
  if (!said) return place.replaceChildren(element("p", { class: "absent" }, "This system says none: it captions directly."));
  const words = element("p", { class: `words ${side}`, lang: script(said.language) });
  said.words.forEach((word, index) => {
    const read = said.attention;
    if (!read) return words.append(element("span", {}, word), " ");
    const button = element("button", { type: "button", class: "word", "aria-pressed": "false" }, word);
    const on = () => pinned === null && read && light(button, word, read.nodes[index], read.regions[index]);
    const off = () => pinned === null && clear();
    button.addEventListener("pointerenter", on);
    button.addEventListener("pointerleave", off);
    button.addEventListener("focus", on);
    button.addEventListener("blur", off);
    button.addEventListener("click", () => {
      const again = pinned === button;
      release();
      if (again) return;
      on();
      pinned = button;
      button.setAttribute("aria-pressed", "true");
    });
    words.append(button);
    if (said.language !== "zh") words.append(" ");
  });
  const drawn = said.tree ? tree(said) : element("p", { class: "absent" }, `No tree: ${said.no_tree}.`);
  const why = said.attention ? [] : [element("p", { class: "absent" }, "Its words read no scene in this system.")];
  place.replaceChildren(words, ...why, drawn);
}

function light(button, word, nodes, regions) {
  clear();
  button.classList.add("on");
  part("boxes").classList.add("lit");
  mark(shown.boxes.map((box) => [box]), regions);
  mark(shown.chips, nodes);
  const order = regions.map((_, i) => i).sort((a, b) => regions[b] - regions[a]).slice(0, 4);
  const told = order.map((i) => `${i + 1} ${shown.answer.empty ? "the whole picture" : shown.answer.regions[i].label} ${percent(regions[i])}`);
  part("reading").textContent = `“${word}” reads ${told.join(", ")}${regions.length > 4 ? ", …" : ""}`;
}

function mark(groups, shares) {
  const highest = Math.max(...shares, 1e-9);
  groups.forEach((group, i) => {
    for (const one of group) {
      one.style.setProperty("--share", (shares[i] / highest).toFixed(3));
      one.classList.toggle("read", shares[i] >= highest / 2);
      one.querySelector(".share").textContent = percent(shares[i]);
    }
  });
}

function clear() {
  part("boxes").classList.remove("lit");
  for (const one of document.querySelectorAll(".word.on")) one.classList.remove("on");
  for (const one of [...shown.boxes, ...shown.chips.flat()]) {
    one.style.removeProperty("--share");
    one.classList.remove("read");
    one.querySelector(".share").textContent = "";
  }
  part("reading").textContent = shown.answer.target.attention || shown.answer.pivot?.attention ? HINT : "";
}

function release() {
  pinned?.setAttribute("aria-pressed", "false");
  pinned = null;
  clear();
}

part("file").addEventListener("change", () => {
  if (part("file").files.length) send(part("file").files[0]);
  part("file").value = ""; // so that the same photo can be chosen again
});
part("form").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => event.key === "Escape" && shown && release());
window.addEventListener("resize", () => shown && separate(shown.boxes));
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  part("drop").classList.add("over");
});
document.addEventListener("dragleave", (event) => event.relatedTarget || part("drop").classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  part("drop").classList.remove("over");
  send(event.dataTransfer.files[0]);
});
