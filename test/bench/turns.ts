import { median } from './row.ts'

const rounds = 15

/** Microseconds of CPU for one call, as the median of rounds in which the candidates take turns, so that all see the same machine. */
export const cpuInTurns = async <Name extends string>(
  candidates: Readonly<Record<Name, () => unknown>>,
  callsPerRound = 400,
): Promise<ReadonlyMap<string, number>> => {
  const samples = new Map<string, number[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, call] of Object.entries<() => unknown>(candidates)) {
      const before = process.cpuUsage()
      for (let index = 0; index < callsPerRound; index += 1) await call()
      const { user, system } = process.cpuUsage(before)
      // The first round warms up.
      if (round > 0) samples.set(name, [...(samples.get(name) ?? []), (user + system) / callsPerRound])
    }
  }
  return new Map([...samples].map(([name, values]) => [name, median(values)]))
}
