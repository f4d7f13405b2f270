/** A reason not to start, told to the person at the terminal as one sentence, without a stack. */
export class StartError extends Error {
  override name = 'StartError'
}
