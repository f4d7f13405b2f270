/** What a test file leaves to be done at its end. */
const duties: (() => Promise<unknown>)[] = []

export const atEndOfFile = (duty: () => Promise<unknown>): void => void duties.push(duty)

export const tidy = async (): Promise<void> => {
  await Promise.all(duties.splice(0).map((duty) => duty()))
}
