// The map: rooms, what is where, and how it hangs together. Metres to pixels; the y axis of a map points up.

import { byId, shortened, svg } from "./dom.js";
import { sentence } from "./format.js";
import { hosts, place, regions } from "./layout.js";
import { placed } from "./labels.js";

const MARGIN = 70;
const ROOM_MARGIN_M = 0.35;
const SIZES = { place: 8, agent: 8, object: 6 };
const MANY = 300; // from here on marks are drawn smaller

export class Plan {
  constructor(select) {
    this.map = byId("map");
    this.select = select;
    this.scene = { entities: [], facts: [] };
    this.spots = new Map();
    this.things = new Map();
    this.chosen = null;
    this.view = null;
    this.layers = Object.fromEntries(["grid", "rooms", "links", "things"].map((name) => {
      const layer = svg("g", { class: name });
      this.map.append(layer);
      return [name, layer];
    }));
    this.listen();
  }

  show(scene) {
    this.scene = scene;
    this.spots = place(scene);
    if (!this.view) this.fit();
    else this.draw();
  }

  choose(id) {
    this.chosen = id;
    this.draw();
  }

  fit() {
    const spots = [...this.spots.values()];
    const { width, height } = this.map.getBoundingClientRect();
    if (!spots.length || !width) return;
    const xs = spots.map((spot) => spot.x);
    const ys = spots.map((spot) => spot.y);
    const wide = Math.max(...xs) - Math.min(...xs) || 1;
    const high = Math.max(...ys) - Math.min(...ys) || 1;
    const scale = Math.min((width - 2 * MARGIN - 40) / wide, (height - 2 * MARGIN) / high, 400);
    this.view = {
      scale: Math.max(scale, 5),
      x: (Math.max(...xs) + Math.min(...xs)) / 2,
      y: (Math.max(...ys) + Math.min(...ys)) / 2,
    };
    this.draw();
  }

  zoom(factor, at = null) {
    if (!this.view) return;
    const { width, height } = this.map.getBoundingClientRect();
    const pointer = at ?? { x: width / 2, y: height / 2 };
    const scale = Math.min(Math.max(this.view.scale * factor, 2), 2000);
    const dx = (pointer.x - width / 2) * (1 / this.view.scale - 1 / scale);
    const dy = (pointer.y - height / 2) * (1 / this.view.scale - 1 / scale);
    this.view = { scale, x: this.view.x + dx, y: this.view.y - dy };
    this.drawSoon();
  }

  pan(dx, dy) {
    if (!this.view) return;
    this.view = { ...this.view, x: this.view.x - dx / this.view.scale, y: this.view.y + dy / this.view.scale };
    this.drawSoon();
  }

  // Once a frame, however many events come in it.
  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.still(() => this.draw());
    });
  }

  // Things glide when time changes, not when the map is moved.
  still(change) {
    this.map.classList.add("still");
    change();
    clearTimeout(this.later);
    this.later = setTimeout(() => this.map.classList.remove("still"), 150);
  }

  pixel(spot) {
    const { width, height } = this.size;
    return {
      x: width / 2 + (spot.x - this.view.x) * this.view.scale,
      y: height / 2 - (spot.y - this.view.y) * this.view.scale,
    };
  }

  draw() {
    if (!this.view) return;
    this.size = this.map.getBoundingClientRect();
    this.drawGrid();
    this.drawRooms();
    this.drawLinks();
    this.drawThings();
  }

  drawGrid() {
    const { width, height } = this.size;
    const step = [0.1, 0.5, 1, 5, 10, 50, 100].find((metres) => metres * this.view.scale > 36) ?? 500;
    const lines = [];
    const left = this.view.x - width / 2 / this.view.scale;
    const bottom = this.view.y - height / 2 / this.view.scale;
    for (let x = Math.ceil(left / step) * step; x < left + width / this.view.scale; x += step) {
      const { x: column } = this.pixel({ x, y: 0 });
      lines.push(svg("line", { x1: column, x2: column, y1: 0, y2: height }));
    }
    for (let y = Math.ceil(bottom / step) * step; y < bottom + height / this.view.scale; y += step) {
      const { y: row } = this.pixel({ x: 0, y });
      lines.push(svg("line", { x1: 0, x2: width, y1: row, y2: row }));
    }
    const length = step * this.view.scale;
    lines.push(svg("path", { class: "scale", d: `M16 ${height - 22}v6h${length}v-6` }));
    lines.push(svg("text", { class: "scale", x: 16 + length / 2, y: height - 26, "text-anchor": "middle" }, `${step} m`));
    this.layers.grid.replaceChildren(...lines);
  }

  drawRooms() {
    this.layers.rooms.replaceChildren(...regions(this.scene, this.spots).map(({ room, corners }) => {
      const pixels = corners.map((corner) => this.pixel(corner));
      const top = pixels.reduce((one, other) => (other.y < one.y ? other : one));
      const middle = pixels.reduce((sum, one) => sum + one.x / pixels.length, 0);
      return svg("g", this.button(room, `room${room.id === this.chosen ? " chosen" : ""}`),
        svg("polygon", { "stroke-width": 2 * ROOM_MARGIN_M * this.view.scale, points: pixels.map((one) => `${one.x},${one.y}`).join(" ") }),
        svg("text", { x: middle, y: Math.max(top.y - ROOM_MARGIN_M * this.view.scale - 6, 18), "text-anchor": "middle" }, shortened(room.name, 40)));
    }));
  }

  drawLinks() {
    const host = hosts(this.scene.facts);
    const lines = [];
    for (const fact of this.scene.facts) {
      const from = this.spots.get(fact.subject);
      const to = fact.object === null ? null : this.spots.get(fact.object);
      if (!from || !to) continue;
      const [a, b] = [this.pixel(from), this.pixel(to)];
      const kind = host.get(fact.subject) === fact.object ? "where" : "relation";
      const near = fact.subject === this.chosen || fact.object === this.chosen ? " chosen" : "";
      const doubtful = fact.disputed || fact.trust === 0 ? " doubtful" : "";
      lines.push(svg("line", { class: `${kind}${near}${doubtful}`, x1: a.x, y1: a.y, x2: b.x, y2: b.y },
        svg("title", {}, sentence(fact))));
    }
    this.layers.links.replaceChildren(...lines);
  }

  drawThings() {
    const shown = this.scene.entities.filter((one) => this.spots.has(one.id));
    shown.sort((a, b) => rank(a, this.chosen) - rank(b, this.chosen));
    const doubtful = new Set(this.scene.facts.filter((fact) => fact.trust === 0 && !fact.disputed).map((fact) => fact.subject));
    const shrink = shown.length > MANY ? 0.6 : 1;
    const boxes = shown.map((one) => ({
      ...this.pixel(this.spots.get(one.id)),
      size: shrink * (SIZES[one.kind] ?? SIZES.object),
      text: shortened(one.name),
      important: one.id === this.chosen,
    }));
    const labels = placed(boxes, this.size, getComputedStyle(this.map).font);
    const kept = new Set();
    shown.forEach((one, index) => {
      const spot = this.spots.get(one.id);
      const thing = this.things.get(one.id) ?? this.make(one);
      const classes = ["thing", SIZES[one.kind] ? one.kind : "object", spot.certain ? "" : "guessed",
        doubtful.has(one.id) ? "doubtful" : "", one.id === this.chosen ? "chosen" : ""];
      thing.setAttribute("class", classes.filter(Boolean).join(" "));
      thing.style.transform = `translate(${boxes[index].x}px, ${boxes[index].y}px)`;
      thing.querySelector(".mark").setAttribute("transform", `scale(${shrink})`);
      const label = thing.querySelector("text");
      const where = labels[index] ?? { dx: boxes[index].size + 4, dy: 4, anchor: "start" };
      label.setAttribute("x", where.dx);
      label.setAttribute("y", where.dy);
      label.setAttribute("text-anchor", where.anchor);
      label.classList.toggle("crowded", labels[index] === null);
      label.textContent = boxes[index].text;
      kept.add(one.id);
    });
    for (const [id, thing] of this.things) {
      if (!kept.has(id)) {
        thing.remove();
        this.things.delete(id);
      }
    }
  }

  make(one) {
    const size = SIZES[one.kind] ?? SIZES.object;
    const shapes = {
      place: () => svg("rect", { x: -size, y: -size, width: 2 * size, height: 2 * size, rx: 3 }),
      agent: () => svg("path", { d: `M0 ${-size}L${size} ${size}H${-size}Z` }),
    };
    const shape = (shapes[one.kind] ?? (() => svg("circle", { r: size })))();
    shape.setAttribute("class", "mark");
    const thing = svg("g", this.button(one, "thing"), svg("title", {}, one.name), shape, svg("text"));
    this.layers.things.append(thing);
    this.things.set(one.id, thing);
    return thing;
  }

  button(one, classes) {
    const go = () => this.select(one.id);
    return {
      class: classes, tabindex: 0, role: "button", "data-id": one.id, "aria-label": `${one.kind} ${one.name}`,
      onclick: go,
      onkeydown: (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        go();
      },
    };
  }

  listen() {
    this.map.addEventListener("wheel", (event) => {
      event.preventDefault();
      const { left, top } = this.map.getBoundingClientRect();
      this.zoom(Math.exp(-event.deltaY / 400), { x: event.clientX - left, y: event.clientY - top });
    }, { passive: false });
    let grip = null;
    this.map.addEventListener("pointerdown", (event) => {
      if (event.target.closest("[role=button]")) return;
      grip = { x: event.clientX, y: event.clientY };
      this.map.setPointerCapture(event.pointerId);
    });
    this.map.addEventListener("pointermove", (event) => {
      if (!grip) return;
      this.pan(event.clientX - grip.x, event.clientY - grip.y);
      grip = { x: event.clientX, y: event.clientY };
    });
    for (const name of ["pointerup", "pointercancel"]) this.map.addEventListener(name, () => { grip = null; });
    const keys = {
      ArrowLeft: () => this.pan(40, 0), ArrowRight: () => this.pan(-40, 0), ArrowUp: () => this.pan(0, 40),
      ArrowDown: () => this.pan(0, -40), "+": () => this.zoom(1.25), "=": () => this.zoom(1.25),
      "-": () => this.zoom(0.8), 0: () => this.fit(),
    };
    this.map.addEventListener("keydown", (event) => {
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key]();
    });
    const steps = { in: () => this.zoom(1.4), out: () => this.zoom(1 / 1.4), fit: () => this.fit() };
    byId("zoom").addEventListener("click", (event) => steps[event.target.dataset.zoom]?.());
    new ResizeObserver(() => (this.view ? this.still(() => this.draw()) : this.fit())).observe(this.map);
  }
}

// The chosen thing is labelled first, then furniture, then the rest.
const rank = (one, chosen) => (one.id === chosen ? 0 : one.kind === "place" ? 1 : 2);
