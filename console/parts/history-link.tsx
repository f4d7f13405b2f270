import { holds } from '../client/rights.ts'
import type { Me } from '../client/session.ts'
import { useMe } from '../client/use-me.ts'
import { hrefOf } from '../router.ts'
import { texts } from '../texts/en.ts'

export const maySeeHistory = (me: Me): boolean => holds(me, { section: 'postern-audit', level: 'read' })

/** To the audit of one thing, for whoever may see it. */
export const HistoryLink = ({ target }: { readonly target: string }) =>
  maySeeHistory(useMe()) ? <a href={hrefOf('/audit', { target })}>{texts.parts.history}</a> : null
