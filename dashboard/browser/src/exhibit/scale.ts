// How long the bar of a map is: a round number of metres, and its length in pixels. Pure.

/** Metres a CSS pixel at this latitude and zoom, of a map whose world is 512 pixels wide at zoom 0. */
export function metresAPixel(latitude: number, zoom: number): number {
  return (40_075_016.686 * Math.cos((latitude * Math.PI) / 180)) / (512 * 2 ** zoom);
}

export interface ScaleBar {
  metres: number;
  px: number;
  words: string;
}

/** The longest of 1, 2, 5, 10, 20, 50 ... metres that is not wider than this. */
export function scaleBar(metresPx: number, mostPx: number): ScaleBar {
  const most = metresPx * mostPx;
  const tens = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((each) => each * tens).find((each) => each <= most)!;
  const words = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
  return { metres, px: metres / metresPx, words };
}
