// Where things are drawn, in metres of the map: at their pose, else beside what they are in or on.

export const PLACES = ["in", "on", "under", "at", "held by", "inside", "on top of", "attached to", "in front of"];
const GOLDEN_ANGLE = 2.399963;

export function hosts(facts) {
  const found = new Map();
  for (const fact of facts) {
    if (fact.object === null || !PLACES.includes(fact.relation)) continue;
    if (!found.has(fact.subject) || !fact.disputed) found.set(fact.subject, fact.object);
  }
  return found;
}

// Returns a map from id to {x, y, certain}; rooms get none, as they are drawn around what is in them.
export function place(scene) {
  const host = hosts(scene.facts);
  const spots = new Map();
  const guests = new Map();
  const lost = [];
  for (const one of scene.entities) {
    if (one.pose) spots.set(one.id, { x: one.pose.position[0], y: one.pose.position[1], certain: true });
  }
  const rooms = new Set(scene.entities.filter((one) => one.kind === "room").map((one) => one.id));
  const beside = (id, seen = new Set()) => {
    if (spots.has(id)) return spots.get(id);
    const target = host.get(id);
    if (target === undefined || seen.has(id)) return null;
    seen.add(id);
    const centre = rooms.has(target) ? middle(target, host, spots) : beside(target, seen);
    if (!centre) return null;
    const count = guests.get(target) ?? 0;
    guests.set(target, count + 1);
    const radius = 0.22 + 0.06 * Math.sqrt(count);
    const angle = GOLDEN_ANGLE * count - 1;
    const spot = { x: centre.x + radius * Math.cos(angle), y: centre.y + radius * Math.sin(angle), certain: false };
    spots.set(id, spot);
    return spot;
  };
  for (const one of scene.entities) {
    if (!rooms.has(one.id) && !beside(one.id)) lost.push(one.id);
  }
  shelve(lost, spots);
  return spots;
}

export function regions(scene, spots) {
  const host = hosts(scene.facts);
  const inside = (id, room, depth = 0) => depth < 8 && host.has(id) &&
    (host.get(id) === room || inside(host.get(id), room, depth + 1));
  return scene.entities.filter((one) => one.kind === "room").map((room) => {
    const members = scene.entities.filter((one) => spots.get(one.id) && inside(one.id, room.id));
    return { room, corners: hull(members.map((one) => spots.get(one.id))) };
  }).filter((region) => region.corners.length);
}

function middle(room, host, spots) {
  const members = [...host].filter(([id, where]) => where === room && spots.get(id)?.certain).map(([id]) => spots.get(id));
  if (!members.length) return null;
  const sum = members.reduce((total, one) => ({ x: total.x + one.x, y: total.y + one.y }), { x: 0, y: 0 });
  return { x: sum.x / members.length, y: sum.y / members.length };
}

// What nobody knows the place of stands in a row below the map.
function shelve(lost, spots) {
  const known = [...spots.values()];
  const left = known.length ? Math.min(...known.map((spot) => spot.x)) : 0;
  const below = known.length ? Math.min(...known.map((spot) => spot.y)) - 1.2 : 0;
  lost.forEach((id, index) => {
    spots.set(id, { x: left + 1.1 * (index % 8), y: below - 0.6 * Math.floor(index / 8), certain: false, lost: true });
  });
}

// The convex hull (Andrew's monotone chain), counter-clockwise.
export function hull(points) {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  const turn = (o, a, b) => (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
  const half = (list) => {
    const chain = [];
    for (const point of list) {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}
