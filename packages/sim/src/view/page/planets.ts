import type { Palette } from "./palette.ts";

/** Draws bodies of nodes: each tone and size is painted once, lit from the left, and turned to the middle of the plane. */
export interface Planets {
  /** `angle` leads from the node to the light. */
  draw(
    pen: CanvasRenderingContext2D,
    body: { x: number; y: number; radius: number; tone: number; angle: number },
  ): void;
}

/** Makes bodies for a palette. */
export function createPlanets(palette: Palette): Planets {
  const sprites = new Map<string, HTMLCanvasElement>();
  return {
    draw(pen, { x, y, radius, tone, angle }) {
      const key = `${tone} ${radius}`;
      let sprite = sprites.get(key);
      if (sprite === undefined) {
        sprite = paintSprite(palette.tones[tone % palette.tones.length] ?? ["#999", "#333"], radius);
        sprites.set(key, sprite);
      }
      const size = sprite.width / SCALE;
      pen.save();
      pen.translate(x, y);
      pen.rotate(angle + Math.PI);
      pen.drawImage(sprite, -size / 2, -size / 2, size, size);
      pen.restore();
    },
  };
}

const SCALE = 2;

function paintSprite([lit, dark]: readonly [string, string], radius: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const size = Math.ceil(radius + 2) * 2 * SCALE;
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext("2d");
  if (pen === null) return canvas;
  pen.scale(SCALE, SCALE);
  const middle = size / SCALE / 2;
  const shade = pen.createRadialGradient(middle - radius * 0.55, middle, radius * 0.1, middle, middle, radius * 1.25);
  shade.addColorStop(0, `color-mix(in srgb, ${lit} 82%, white)`);
  shade.addColorStop(0.35, lit);
  shade.addColorStop(1, dark);
  pen.fillStyle = shade;
  pen.beginPath();
  pen.arc(middle, middle, radius, 0, 2 * Math.PI);
  pen.fill();
  return canvas;
}
