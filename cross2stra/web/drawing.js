// Draws what POST /caption answers. Text enters as text nodes only, so nothing in a label is ever markup.

const SVG = "http://www.w3.org/2000/svg";
export const TONES = 8;

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") made.className = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function svg(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

export const percent = (share) => `${share > 0 && share < 0.005 ? "<1" : Math.round(100 * share)} %`;
export const script = (language) => (language === "zh" ? "zh-Hans" : language);

/* Boxes over the photo, larger ones below smaller ones. */
export function boxes(answer, language) {
  const order = answer.regions.map((_, i) => i);
  order.sort((a, b) => area(answer.regions[b]) - area(answer.regions[a]));
  const made = new Array(order.length);
  for (const i of order) {
    const [left, top, width, height] = answer.regions[i].box;
    const name = element("span", { class: "name", lang: script(language) }, answer.regions[i].label);
    const label = element("span", { class: "label" }, `${i + 1} `, name, element("span", { class: "share" }));
    const side = left + width / 2 > 0.5 ? " rightward" : ""; // so that a label stays within the photo
    const box = element("div", { class: `box tone${i % TONES}${side}` }, label);
    box.style.left = `${100 * left}%`;
    box.style.top = `${100 * top}%`;
    box.style.width = `${100 * width}%`;
    box.style.height = `${100 * height}%`;
    made[i] = box;
  }
  return { shown: order.map((i) => made[i]), byRegion: made };
}

/* Moves a label to the foot of its box where another label is in its place. */
export function separate(shown) {
  const placed = [];
  for (const box of shown) {
    const label = box.querySelector(".label");
    const taken = () => {
      const own = label.getBoundingClientRect();
      return placed.some((other) => own.left < other.right && other.left < own.right && own.top < other.bottom && other.top < own.bottom);
    };
    box.classList.remove("below");
    if (taken()) box.classList.add("below");
    placed.push(label.getBoundingClientRect());
  }
}

const area = (region) => region.box[2] * region.box[3];

/* Objects with their attributes, then relations, each node a chip. */
export function graph(answer, language) {
  const byNode = answer.nodes.map(() => []);
  const chip = (node) => {
    const { label, kind, region } = answer.nodes[node];
    const tone = region === null ? "" : ` tone${region % TONES}`;
    const number = region === null ? "" : `${region + 1} `;
    const made = element("span", { class: `chip ${kind}${tone}` }, number,
      element("span", { lang: script(language) }, label), element("span", { class: "share" }));
    byNode[node].push(made);
    return made;
  };
  const objects = element("ul", { class: "objects" });
  for (const region of answer.regions) {
    const own = answer.attributes.filter(([owner]) => owner === region.node).map(([, attribute]) => chip(attribute));
    objects.append(element("li", {}, chip(region.node), ...own));
  }
  const relations = element("ul", { class: "relations" });
  for (const [subject, relation, object] of answer.relations) {
    const next = (node) =>
      element("span", { class: "end" }, element("span", { class: "arrow", "aria-hidden": "true" }, "→ "), chip(node));
    relations.append(element("li", {}, chip(subject), next(relation), ...(object === null ? [] : [next(object)])));
  }
  const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
  return {
    byNode,
    shown: [
      element("h4", {}, counted(answer.regions.length, "object")), objects,
      element("h4", {}, counted(answer.relations.length, "relation")),
      answer.relations.length ? relations : element("p", { class: "absent" }, "None was seen."),
    ],
  };
}

/* A constituency tree: leaves in one row at the bottom, phrase labels above the middle of what they span. */
export function tree(caption) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "16px system-ui, sans-serif";
  const step = 40, gap = 18, lines = [], texts = [];
  let x = 0;
  const depth = (node) => (node.children ? 1 + Math.max(...node.children.map(depth)) : 0);
  const whole = depth(caption.tree);
  const place = (node, level) => {
    if (!node.children) {
      const width = pen.measureText(node.word).width + gap;
      x += width;
      return { x: x - width / 2, y: 18 + whole * step, node };
    }
    const y = 18 + level * step;
    const below = node.children.map((child) => place(child, level + 1));
    const middle = (below[0].x + below[below.length - 1].x) / 2;
    for (const child of below) {
      lines.push(svg("line", { x1: middle, y1: y + 7, x2: child.x, y2: child.y - 17 }));
      texts.push(child);
    }
    return { x: middle, y, node };
  };
  texts.push(place(caption.tree, 0));
  const width = Math.max(Math.ceil(x), 60), height = whole * step + 30;
  const drawn = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": bracketed(caption.tree), lang: script(caption.language) });
  drawn.style.width = `clamp(${0.72 * width}px, 100%, ${width}px)`; // smaller first, then it scrolls
  drawn.append(...lines);
  for (const { x: left, y, node } of texts) {
    const leaf = !node.children;
    drawn.append(svg("text", { x: left, y, class: leaf ? "leaf" : "phrase" }, leaf ? node.word : node.label));
  }
  return element("div", { class: "tree", tabindex: "0", role: "group", "aria-label": "Constituency tree, scrolls sideways" }, drawn);
}

const bracketed = (node) => (node.children ? `(${node.label} ${node.children.map(bracketed).join(" ")})` : node.word);
