/** Fills a box with diagonal lines: the sign for data that is missing or not real. */
export function fillHatch(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  ground: string,
  line: string,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.fillStyle = ground;
  context.fillRect(x, y, width, height);
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.beginPath();
  for (let offset = -height; offset < width; offset += 8) {
    context.moveTo(x + offset, y + height);
    context.lineTo(x + offset + height, y);
  }
  context.stroke();
  context.restore();
}
