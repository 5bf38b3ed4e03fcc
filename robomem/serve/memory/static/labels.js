// Which labels are drawn, and where: none over another. One that fits nowhere shows when its thing is pointed at.

const pen = document.createElement("canvas").getContext("2d");
const HEIGHT = 15;
const MOST = 250;

// Things are labelled in their order, those on the map alone, and not more than can be read.
export function placed(all, map, font) {
  const labels = all.map(() => null);
  const seen = all.map((thing, index) => ({ ...thing, index }))
    .filter(({ x, y }) => x > -50 && y > -50 && x < map.width + 50 && y < map.height + 50).slice(0, MOST);
  placedAmong(seen, font).forEach((label, index) => { labels[seen[index].index] = label; });
  return labels;
}

function placedAmong(things, font) {
  pen.font = font;
  const taken = things.map(({ x, y, size }) => ({ left: x - size, right: x + size, top: y - size, bottom: y + size }));
  const free = (box, own) => taken.every((other, index) => index === own || box.right < other.left ||
    box.left > other.right || box.bottom < other.top || box.top > other.bottom);
  return things.map(({ x, y, size, text, important }, own) => {
    const width = pen.measureText(text).width;
    const gap = size + 4;
    const choices = [
      { dx: gap, dy: 4, anchor: "start", left: x + gap, top: y - 8 },
      { dx: 0, dy: gap + 10, anchor: "middle", left: x - width / 2, top: y + gap - 2 },
      { dx: 0, dy: -gap, anchor: "middle", left: x - width / 2, top: y - gap - 12 },
      { dx: -gap, dy: 4, anchor: "end", left: x - gap - width, top: y - 8 },
      { dx: gap, dy: gap + 8, anchor: "start", left: x + gap, top: y + gap - 4 },
      { dx: gap, dy: -gap, anchor: "start", left: x + gap, top: y - gap - 12 },
    ].map((choice) => ({ ...choice, right: choice.left + width, bottom: choice.top + HEIGHT }));
    const found = choices.find((choice) => free(choice, own)) ?? (important ? choices[0] : null);
    if (found) taken.push(found);
    return found;
  });
}
