const worthALineMilliseconds = 1_000

/** Waits for a step and prints its label if it takes over a second. */
export async function step<Result>(label: string, work: Promise<Result>): Promise<Result> {
  const timer = setTimeout(() => console.log(`${label} …`), worthALineMilliseconds)
  try {
    return await work
  } finally {
    clearTimeout(timer)
  }
}
