/** One measurement. `limit` is what it must not exceed; null where there is none. */
export type Row = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly limit: number | null
}

/** Median of the processor time of one awaited call, in microseconds, over blocks of calls. */
export const cpuMicroseconds = async (call: () => Promise<unknown>, calls: number): Promise<number> => {
  const blocks = 20
  const perBlock = Math.ceil(calls / blocks)
  const samples: number[] = []
  for (let block = 0; block < blocks; block += 1) {
    const start = process.cpuUsage()
    for (let index = 0; index < perBlock; index += 1) await call()
    const { user, system } = process.cpuUsage(start)
    samples.push((user + system) / perBlock)
  }
  return median(samples)
}

export const median = (samples: readonly number[]): number => {
  const sorted = samples.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
