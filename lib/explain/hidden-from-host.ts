import type { DecisionStep } from '../access/decide.ts'

/** A step of a guest's decision as the organization that it visits may see it: the entries of a whitelist are its home's to know. */
export const hiddenFromHost = (step: DecisionStep): DecisionStep =>
  step.check === 'whitelist' ? { ...step, saw: 'the whitelist that the home organization keeps' } : step
