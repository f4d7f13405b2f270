/** In pixels, from the top left. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/**
 * A strip treemap (Bederson, Shneiderman, Wattenberg 2002): boxes whose areas are in proportion to the weights, side by side in strips
 * from top to bottom. They keep the order of the weights, so that what is near in a list is near in the picture.
 *
 * @param weights positive numbers
 * @returns one box for each weight, in the same order; together they fill the area
 */
export const stripsIn = (weights: readonly number[], area: Box): Box[] => {
  const scale = (area.width * area.height) / (sum(weights) || 1)
  const sizes = weights.map((weight) => weight * scale)
  const boxes: Box[] = []
  let y = area.y
  for (const strip of withoutRest(stripsOf(sizes, area.width), area.width)) {
    const height = sum(strip) / area.width
    let x = area.x
    for (const size of strip) {
      const width = size / height
      boxes.push({ x, y, width, height })
      x += width
    }
    y += height
  }
  return boxes
}

/** A strip takes the next box as long as that makes its boxes more like squares. */
const stripsOf = (sizes: readonly number[], width: number): (readonly number[])[] => {
  const strips: (readonly number[])[] = []
  for (let first = 0; first < sizes.length; ) {
    let count = 1
    const isBetterWithNext = () =>
      aspects(sizes.slice(first, first + count + 1), width) / (count + 1) <=
      aspects(sizes.slice(first, first + count), width) / count
    while (first + count < sizes.length && isBetterWithNext()) count += 1
    strips.push(sizes.slice(first, first + count))
    first += count
  }
  return strips
}

/** What is left for the last strip can be little: it joins the one before if all their boxes are more like squares then. */
const withoutRest = (
  strips: readonly (readonly number[])[],
  width: number,
): readonly (readonly number[])[] => {
  const [before = [], last = []] = strips.slice(-2)
  const isWorse = aspects([...before, ...last], width) >= aspects(before, width) + aspects(last, width)
  return strips.length < 2 || isWorse ? strips : [...strips.slice(0, -2), [...before, ...last]]
}

const sum = (sizes: readonly number[]): number => sizes.reduce((all, size) => all + size, 0)

/** Sum over the boxes of a strip: the longer side by the shorter one, 1 for squares. */
const aspects = (strip: readonly number[], width: number): number => {
  const height = sum(strip) / width
  return sum(strip.map((size) => Math.max(height / (size / height), size / height / height)))
}
