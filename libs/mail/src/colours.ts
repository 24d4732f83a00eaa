const NEUTRAL = '#334155';

export interface Colours {
  readonly accent: string;
  readonly onAccent: string;
}

/** The brand's colour, and black or white upon it, whichever is easier to read (WCAG 2.2, relative luminance). */
export function coloursOf(primaryColor: string | undefined): Colours {
  const accent = primaryColor !== undefined && /^#[0-9a-f]{6}$/i.test(primaryColor) ? primaryColor.toLowerCase() : NEUTRAL;
  return { accent, onAccent: luminance(accent) > 0.179 ? '#000000' : '#ffffff' };
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
