/** Longer paths say no more; a kept row stays within one or two units of writing. */
const maximumLength = 1024
const anySecret = /pst_[0-9A-Za-z_]{12,}/g
/** A JSON Web Token, signed or not. */
const anySession = /eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]*(?:\.[0-9A-Za-z_-]*)?/g

/** A request's path as administrators may read it: some clients put their credential where it does not belong (F5). */
export const shownPath = (path: string): string => {
  const shown = path.replace(anySecret, 'pst_…').replace(anySession, 'eyJ…')
  return shown.length <= maximumLength ? shown : `${shown.slice(0, maximumLength)}…`
}
