import fc from 'fast-check'

/** A property runs for this long at most: a mutant that it covers waits for it, and most die in the first few runs. */
const milliseconds = 200

fc.configureGlobal({ ...fc.readConfigureGlobal(), interruptAfterTimeLimit: milliseconds })
