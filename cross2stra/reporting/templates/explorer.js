"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const PAGE = 24;
let shown = PAGE;

function element(name, text, className, language) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  if (language) made.lang = language;
  return made;
}

for (const [place, preferred] of [["first", "cross2stra"], ["second", "late_translation"]]) {
  data.systems.forEach(([, title], index) => at(place).append(new Option(title, index)));
  const index = data.systems.findIndex(([system]) => system === preferred);
  at(place).value = index < 0 ? (place === "first" ? 0 : data.systems.length - 1) : index;
}

function chosen() {
  const first = Number(at("first").value), second = Number(at("second").value);
  const wanted = at("search").value.trim().toLowerCase();
  const gap = (row) => (row.scores[first] ?? 0) - (row.scores[second] ?? 0);
  const orders = {
    apart: (a, b) => b.apart - a.apart,
    better: (a, b) => gap(b) - gap(a),
    worse: (a, b) => gap(a) - gap(b),
    low: (a, b) => (a.scores[first] ?? 0) - (b.scores[first] ?? 0),
    high: (a, b) => (b.scores[first] ?? 0) - (a.scores[first] ?? 0),
  };
  const rows = data.rows.filter((row) => {
    if (at("differ").checked && row.captions[first] === row.captions[second]) return false;
    if (!wanted) return true;
    const texts = [row.id, ...row.captions, ...row.pivots, ...row.references, ...row.glosses];
    return texts.some((text) => text.toLowerCase().includes(wanted));
  });
  const order = orders[at("order").value];
  return order ? rows.sort(order) : rows;
}

function card(row) {
  const article = element("article", "", "card picture");
  if (row.picture) {
    const image = element("img");
    Object.assign(image, { loading: "lazy", alt: row.references[0] || "Picture " + row.id, src: row.picture });
    article.append(image);
  } else article.append(element("p", "The file of picture " + row.id + " is not here.", "absent"));
  const list = element("dl"), { pivot, target } = data.languages;
  const only = at("two").checked ? [Number(at("first").value), Number(at("second").value)] : null;
  data.systems.forEach(([system, title], index) => {
    if (only && !only.includes(index)) return;
    const ours = system === "cross2stra" ? "ours" : "";
    const name = element("dt", title, ours), text = element("dd", "", ours);
    text.append(element("span", row.captions[index] || "(empty)", "", target));
    if (row.scores[index] !== null) name.append(element("span", row.scores[index].toFixed(0), "score"));
    if (row.pivots[index]) text.append(element("small", row.pivots[index], "", pivot));
    if (row.glosses[index]) text.append(element("i", row.glosses[index]));
    list.append(name, text);
  });
  const details = element("details"), items = element("ul");
  details.append(element("summary", row.references.length + " references"), items);
  row.references.forEach((text) => items.append(element("li", text, "", target)));
  article.append(list, details, element("p", row.id, "id"));
  return article;
}

function draw() {
  const rows = chosen();
  at("gallery").replaceChildren(...rows.slice(0, shown).map(card));
  at("count").textContent = rows.length + " of " + data.rows.length + " pictures";
  at("more").hidden = rows.length <= shown;
}

for (const name of ["search", "order", "first", "second", "differ", "two"])
  at(name).addEventListener("input", () => { shown = PAGE; draw(); });
at("more").addEventListener("click", () => { shown += PAGE; draw(); });
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
draw();
