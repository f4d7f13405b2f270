/** One measurement. `limit` is what it must not exceed; null where there is none. */
export type Row = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly limit: number | null
}

/** Median of the wall time of one awaited call, in microseconds. */
export const wallMicroseconds = async (call: () => Promise<unknown>, calls: number): Promise<number> => {
  for (let warm = 0; warm < 5; warm += 1) await call()
  const samples: number[] = []
  for (let index = 0; index < calls; index += 1) {
    const start = process.hrtime.bigint()
    await call()
    samples.push(Number(process.hrtime.bigint() - start) / 1000)
  }
  return median(samples)
}

export const median = (samples: readonly number[]): number => {
  const sorted = samples.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
