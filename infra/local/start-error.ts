/** The start failed; the terminal shows the message, one sentence, without a stack. */
export class StartError extends Error {
  override name = 'StartError'
}
