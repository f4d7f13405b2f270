import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { it, makePerson } from './browser.ts'

const name = 'גשר (צפון)'

/** The texts with the name in which something else stands beside it, without an element between that isolates. */
const reordered = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const found: string[] = []
    while (walker.nextNode()) {
      const own = walker.currentNode.textContent?.trim() ?? ''
      let around = walker.currentNode.parentElement
      // JSON is shown as it is.
      if (!/[\u0590-\u05ff]/.test(own) || around?.localName === 'pre') continue
      const style = () => getComputedStyle(around as Element)
      while (around !== null && style().display === 'inline' && style().unicodeBidi === 'normal')
        around = around.parentElement
      // biome-ignore lint/performance/useDomNodeTextContent: it has the lines as they are shown.
      const isAlone = around?.innerText.split('\n').some((line) => line.trim() === own) === true
      const isMarked = /\u2068/.test(own)
      if (!isAlone || isMarked) found.push(around?.textContent ?? own)
    }
    return found
  })

it('keeps the order of sentences around names in a right-to-left script, in titles, windows and lists', async ({
  signedIn: page,
  laptop,
}) => {
  const { json: made } = await laptop.admin('/v1/roles', { body: { name } })
  const { roleId } = (made as { role: { roleId: number } }).role
  await laptop.admin('/v1/account-groups', { body: { accountGroupName: name } })
  const { userId, username } = await makePerson(laptop, {
    username: 'directed',
    name,
    firstName: name,
    description: name,
    roles: [roleId],
  })
  await laptop.admin(`/v1/users/${userId}/keys`, { body: { name, kind: 'token' } })
  await laptop.admin('/v1/integration-vendors', { body: { name } })

  const window = page.getByRole('dialog')
  const look = async (path: string, ...buttons: readonly string[]) => {
    await page.goto(`/console${path}`)
    for (const button of buttons) {
      const role = button.startsWith('menu ') ? 'menuitem' : 'button'
      await page
        .getByRole(role, { name: button.replace('menu ', ''), exact: true })
        .first()
        .click()
    }
    await (buttons.length > 0 ? window : page.locator('body'))
      .getByText(name)
      .filter({ visible: true })
      .first()
      .waitFor()
    expect(await reordered(page), path).toEqual([])
  }
  await look(`/roles/${roleId}`, 'Delete role')
  expect(await window.getByRole('heading').locator('bdi').textContent()).toBe(name)
  expect(await window.getByRole('heading').textContent()).toBe(`Delete ${name}?`)
  await look('/account-groups', `Actions for ${name}`, 'menu Rename')
  await window.getByLabel('Name').fill(`${name} 2`)
  await window.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('status').getByText(`Renamed to ${name} 2`).waitFor()
  expect(await reordered(page)).toEqual([])
  await look('/vendors', `Delete ${name}`)
  await look(`/users?q=${username}`)
  await look(`/users/${userId}`)
  await look(`/users/${userId}?tab=access`)
  await look(`/users/${userId}?tab=credentials`, `Actions for ${name}`, 'menu Revoke')
  await look('/audit')
})
