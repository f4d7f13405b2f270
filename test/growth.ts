/** Milliseconds of processor time, which other processes hardly affect. */
const cost = (work: () => unknown): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const sizes = [8, 32, 128].map((kilobytes) => kilobytes * 1024)
const attempts = 3

/**
 * For a text 16 times as long, linear work costs 16 times as much and quadratic work 256 times; for one 4 times as long, 4 and 16
 * times. Short times vary with the garbage collector, so they are compared over the wider range, and the shortest are ignored.
 */
const isTooMuch = (cost: number, ofQuarter: number, ofSixteenth: number): boolean =>
  (cost >= 60 && cost >= 80 * ofSixteenth) || (cost >= 2000 && cost >= 6 * ofQuarter)

/**
 * Checks that the work grows linearly with the length of the text. Small sizes run first, so that quadratic work is found before it
 * takes minutes.
 *
 * @param input an adversarial text of about that many characters
 * @returns the measurements that grew too fast, or undefined
 */
export const growsTooFast = (
  work: (text: string) => unknown,
  input: (size: number) => string,
): string | undefined => {
  let [ofQuarter, ofSixteenth] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const size of sizes) {
    const text = input(size)
    let least = Number.POSITIVE_INFINITY
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      least = Math.min(
        least,
        cost(() => work(text)),
      )
      const isNoise = size === sizes[0]
      if (!isNoise && !isTooMuch(least, ofQuarter, ofSixteenth)) break
    }
    if (isTooMuch(least, ofQuarter, ofSixteenth))
      return `${ofSixteenth}, ${ofQuarter}, ${least} ms for a text of ${size} characters and shorter ones`
    ofSixteenth = ofQuarter
    ofQuarter = least
  }
  return undefined
}
