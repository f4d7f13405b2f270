import { useEffect, useState } from 'preact/hooks'
import { presenceMilliseconds, watchPresence } from '../client/presence.ts'
import { serverNow } from '../client/server-time.ts'
import type { Ends } from '../client/session.ts'
import { endHere, signOut, stayActive } from '../client/session.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { distance } from '../parts/small.tsx'
import { texts } from '../texts/en.ts'

const warnMilliseconds = 2 * 60_000
const lookMilliseconds = 10_000

/** Keeps the session while somebody works, warns before it ends, and ends it. */
export const IdleWatch = ({ ends }: { readonly ends: Ends }) => {
  const [now, setNow] = useState(serverNow)
  const endsAt = Math.min(ends.idle, ends.absolute)
  const isWarning = endsAt - now < warnMilliseconds

  useEffect(() => {
    const timer = setInterval(() => {
      setNow(serverNow())
      if (serverNow() >= endsAt) endHere()
    }, lookMilliseconds)
    return () => clearInterval(timer)
  }, [endsAt])

  useEffect(() => {
    let toldAt = Date.now()
    return watchPresence((at) => {
      // Once the warning is shown, its button answers it.
      if (at - toldAt < presenceMilliseconds || isWarning) return
      toldAt = at
      void stayActive()
    })
  }, [isWarning])

  if (!isWarning || now >= endsAt) return null
  const canStay = ends.idle < ends.absolute
  const stay = async () => {
    await stayActive()
    setNow(serverNow())
  }
  return canStay ? (
    <Dialog title={texts.idle.title} onClose={() => void stay()}>
      <p>{texts.idle.text(distance(endsAt - now))}</p>
      <div class="actions">
        <Button look="primary" onClick={() => void stay()}>
          {texts.idle.stay}
        </Button>
        <Button onClick={() => void signOut()}>{texts.shell.signOut}</Button>
      </div>
    </Dialog>
  ) : (
    <p class="ending" role="status">
      {texts.idle.absolute(distance(endsAt - now))}
    </p>
  )
}
