import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { screens } from '../../console/screens.ts'
import { texts } from '../../console/texts/en.ts'
import { it } from './browser.ts'

const own = texts.states

/** What each call of the API gets, null = no answer, and the heading that says it. */
const answers = [
  { status: 403, code: 'permission_not_granted', title: own.noRightTitle },
  { status: 503, code: 'temporarily_unavailable', title: own.failedTitle },
  { status: null, code: '', title: own.offlineTitle },
  { status: 401, code: 'unauthenticated', title: texts.signIn.againTitle },
] as const
type Answer = (typeof answers)[number]

/** Asks nothing before its form is sent. */
const withoutAnswer = ['/explain']
const paths = screens
  .filter(({ path }) => !withoutAnswer.includes(path))
  .map(({ path }) => path.replaceAll(/:\w+/g, 'usr_0000000000000000'))

/** In place of the network's answer, and of nothing else. Within the page, since a test would be asked for each of many calls. */
const answerWith = (page: Page, { status, code }: Pick<Answer, 'status' | 'code'>) =>
  page.evaluate(`(() => {
    const headers = { 'content-type': 'application/problem+json' }
    const body = { type: 'about:blank', title: 'Refused', status: ${status}, code: '${code}', requestId: 'req-1' }
    window.underWay ??= 0
    const plain = window.fetch
    window.realFetch ??= async (...given) => {
      window.underWay += 1
      return plain(...given).finally(() => { window.underWay -= 1 })
    }
    window.fetch = async () => {
      if (${status} === null) throw new TypeError('Failed to fetch')
      return new Response(JSON.stringify(body), { status: ${status}, headers })
    }
  })()`)

/** Opens each screen without a load of the page, and lists the first that does not show the heading, below a title of its own. */
const silentScreen = (page: Page, { title, status }: Answer) =>
  page.evaluate<string[]>(`(async () => {
    const soon = async (is) => {
      for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((next) => setTimeout(next, 5))) if (is()) return true
      return false
    }
    const headings = () => [...document.querySelectorAll('h2:not([data-before])')].map((each) => each.textContent)
    for (const path of ${JSON.stringify(paths)}) {
      for (const each of document.querySelectorAll('h2')) each.dataset.before = ''
      history.pushState(null, '', '/console' + path)
      dispatchEvent(new PopStateEvent('popstate'))
      const isSaid = await soon(() => headings().includes(${JSON.stringify(title)}) && document.querySelectorAll('main h1').length === 1)
      // Each of them would take as long.
      if (!isSaid) return [path]
      if (${status} !== 401) continue
      // As another tab says it whose user signed in again.
      const ended = window.fetch
      window.fetch = window.realFetch
      new BroadcastChannel('postern-session').postMessage('signed-in')
      // A call that is still under way would meet the end of the session once more.
      let quiet = 0
      const isOver = () => document.querySelector('dialog, .loading') === null && window.underWay === 0
      if (!(await soon(() => (quiet = isOver() ? quiet + 1 : 0) > 4))) return [path + ' afterwards']
      window.fetch = ended
    }
    return []
  })()`)

describe('every screen', () => {
  it('says why it has nothing to show: no right, a failure, no network, an ended session', async ({
    signedIn: page,
  }) => {
    await page.goto('/console/explain')
    await page.getByRole('heading', { level: 1 }).waitFor()
    for (const answer of answers) {
      await answerWith(page, answer)
      expect(await silentScreen(page, answer), `silent after ${answer.status}`).toEqual([])
    }
  })

  it('moves nothing for somebody who wants no motion', async ({ signedIn: page }) => {
    await page.route('**/v1/roles', () => {})
    await page.goto('/console/roles')
    await page.locator('.loading').waitFor()
    const moving = () => page.evaluate<number>('document.getAnimations().length')
    expect(await moving()).toBeGreaterThan(0)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    expect(await moving()).toBe(0)
  })
})
