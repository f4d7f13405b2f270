/** Starts work that the answer does not wait for. The work handles its own faults. */
export type Behind = (work: () => Promise<void>) => void
